import { randomBytes } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Clock } from '@signalbox/platform';
import type { BodyAnswers } from '../../http/caching/body-answers.js';
import type { ReadersView } from '../readers.view.js';
import type { Present } from './reader-chunk.js';
import { ReaderChunks } from './reader-chunks.js';
import { ReadersVersion, type Segment } from './readers-version.js';

/** Chunks whose text is made without a pause: one or two milliseconds. */
const CHUNKS_AT_ONCE = 8;
/** Readers that are taken without a pause when the body is first requested. */
const READERS_AT_ONCE = 5_000;
/** How old the shown heartbeats may get, ms. Changes of readers are shown at once. */
const HEARTBEATS_MS = 1_000;

export interface ReadersBodyOptions {
  readonly readers: ReadersView;
  readonly clock: Clock;
  readonly answers: BodyAnswers;
  readonly present: Present;
  /** What `segments` depends on besides the readers. */
  readonly facts: () => readonly unknown[];
  readonly segments: () => readonly Segment[];
}

/**
 * A body that shows all readers. It is made when it is requested, of what has changed since the last version; nothing is done before the first
 * request. A version shows the readers as they were in one moment.
 */
export class ReadersBody {
  /** Distinguishes the versions of this process from those of other processes and of earlier starts. */
  private readonly process = randomBytes(6).toString('base64url');
  private readonly chunks: ReaderChunks;
  private isFilled = false;
  private catchingUp: Promise<void> | undefined;
  private versions = 0;
  private last: { readonly version: ReadersVersion; readonly facts: readonly unknown[]; readonly at: number } | undefined;

  constructor(private readonly options: ReadersBodyOptions) {
    this.chunks = new ReaderChunks(options.present);
  }

  /** Undefined where so much has changed that it takes a while: then `current` gives it. */
  now(): ReadersVersion | undefined {
    const facts = this.options.facts();
    if (this.last !== undefined && this.isCurrent(this.last, facts)) return this.last.version;
    if (!this.isFilled || this.chunks.staleChunks > CHUNKS_AT_ONCE) return undefined;
    return this.make(facts);
  }

  async current(): Promise<ReadersVersion> {
    for (;;) {
      const version = this.now();
      if (version !== undefined) return version;
      this.catchingUp ??= this.catchUp();
      await this.catchingUp;
    }
  }

  private isCurrent({ facts, at }: { facts: readonly unknown[]; at: number }, now: readonly unknown[]): boolean {
    const { chunks } = this;
    if (chunks.haveReadersChanged || facts.some((fact, index) => fact !== now[index])) return false;
    return !chunks.haveSecondsChanged || this.options.clock.monotonic() - at < HEARTBEATS_MS;
  }

  private make(facts: readonly unknown[]): ReadersVersion {
    this.versions += 1;
    const etag = `"${this.process}.${this.versions}"`;
    const version = new ReadersVersion(etag, this.options.segments(), this.chunks.bytes());
    const replaced = this.last?.version;
    if (replaced !== undefined) this.options.answers.replaced(replaced, replaced.bytesBesides(version));
    this.last = { version, facts, at: this.options.clock.monotonic() };
    return version;
  }

  /** Until what is left can be made at once. The event loop goes on between its steps, and readers change. */
  private async catchUp(): Promise<void> {
    try {
      if (!this.isFilled) await this.fill();
      while (this.chunks.staleChunks > CHUNKS_AT_ONCE) {
        this.chunks.makeText(CHUNKS_AT_ONCE);
        await nextTurn();
      }
    } finally {
      this.catchingUp = undefined;
    }
  }

  private async fill(): Promise<void> {
    const { readers } = this.options;
    readers.onReader((readerId) => {
      const record = readers.of(readerId);
      if (record === undefined) this.chunks.remove(readerId);
      else this.chunks.put(record);
    });
    let taken = 0;
    for (const record of readers.all()) {
      this.chunks.put(record);
      taken += 1;
      if (taken % READERS_AT_ONCE === 0) await nextTurn();
    }
    this.isFilled = true;
  }
}
