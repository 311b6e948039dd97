import { randomBytes } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Clock } from '@signalbox/platform';
import type { ReadersView } from './readers.view.js';
import { ReaderChunks } from './reader-chunks.js';
import { StatusVersion, type Segment } from './status-version.js';

/** What is done without a pause: about a millisecond. Several things may have their turn together. */
const AT_ONCE = { chunks: 4, readers: 1_000 };
/** How old the shown heartbeats may get, ms. Changes of readers are shown at once. */
const HEARTBEATS_MS = 1_000;

export interface StatusVersionsOptions {
  readonly readers: Pick<ReadersView, 'all' | 'of' | 'onReader'>;
  readonly clock: Clock;
  /** What `segments` depends on besides the readers. */
  readonly facts: () => readonly unknown[];
  readonly segments: () => readonly Segment[];
  /** @param bytes those that are in the replaced version alone */
  readonly onReplaced: (version: StatusVersion, bytes: number) => void;
}

interface Made {
  readonly version: StatusVersion;
  readonly facts: readonly unknown[];
  /** When its heartbeats were those of then, monotonic ms. */
  readonly heartbeatsAt: number;
}

/**
 * The versions of the body of `GET /status`. One is made when it is requested, of what has changed since the last one. It shows the readers as
 * they were in one moment, and their heartbeats as they were then or up to a second before.
 */
export class StatusVersions {
  /** Distinguishes the versions of this process from those of other processes and of earlier starts. */
  private readonly process = randomBytes(6).toString('base64url');
  private readonly chunks = new ReaderChunks();
  /** The ids of readers that have changed since they were taken. */
  private changed: string[] = [];
  private taking: Promise<void> | undefined;
  private isFilled = false;
  private catchingUp: Promise<void> | undefined;
  private count = 0;
  private last: Made | undefined;

  constructor(private readonly options: StatusVersionsOptions) {}

  /** Undefined where so much has changed that it takes a while: then `current` gives it. */
  now(): StatusVersion | undefined {
    if (!this.isFilled || this.changed.length > AT_ONCE.readers) return undefined;
    this.take(AT_ONCE.readers);
    const facts = this.options.facts();
    if (this.last !== undefined && this.isCurrent(this.last, facts)) return this.last.version;
    return this.chunks.staleChunks > AT_ONCE.chunks ? undefined : this.make(facts);
  }

  async current(): Promise<StatusVersion> {
    for (;;) {
      const version = this.now();
      if (version !== undefined) return version;
      this.catchingUp ??= this.catchUp().finally(() => (this.catchingUp = undefined));
      await this.catchingUp;
    }
  }

  private isCurrent({ facts, heartbeatsAt }: Made, now: readonly unknown[]): boolean {
    const { chunks } = this;
    if (chunks.haveReadersChanged || facts.some((fact, index) => fact !== now[index])) return false;
    return !chunks.haveSecondsChanged || !this.areOld(heartbeatsAt);
  }

  private areOld(heartbeatsAt: number): boolean {
    return this.options.clock.monotonic() - heartbeatsAt >= HEARTBEATS_MS;
  }

  private make(facts: readonly unknown[]): StatusVersion {
    this.count += 1;
    const etag = `"${this.process}.${this.count}"`;
    const { last } = this;
    // The seconds of very many readers are more than all else that is new in a version.
    const keptSince = last !== undefined && !this.areOld(last.heartbeatsAt) ? last.heartbeatsAt : undefined;
    const version = new StatusVersion(
      etag,
      this.options.segments(),
      this.chunks.bytes({ seconds: keptSince === undefined }),
    );
    if (last !== undefined) this.options.onReplaced(last.version, last.version.bytesBesides(version));
    this.last = { version, facts, heartbeatsAt: keptSince ?? this.options.clock.monotonic() };
    return version;
  }

  /** Until what is left can be made at once. The event loop goes on between its steps, and readers change. */
  private async catchUp(): Promise<void> {
    if (!this.isFilled) await this.fill();
    while (this.changed.length > AT_ONCE.readers || this.chunks.staleChunks > AT_ONCE.chunks) {
      if (this.changed.length > AT_ONCE.readers) this.take(AT_ONCE.readers);
      else this.chunks.makeText(AT_ONCE.chunks);
      await nextTurn();
    }
  }

  /** All readers, when the first request comes: a process without requests does nothing. */
  private async fill(): Promise<void> {
    const { readers } = this.options;
    readers.onReader((readerId) => {
      this.changed.push(readerId);
      this.taking ??= this.takeAll().finally(() => (this.taking = undefined));
    });
    let taken = 0;
    for (const record of readers.all()) {
      this.chunks.put(record);
      taken += 1;
      if (taken % AT_ONCE.readers === 0) await nextTurn();
    }
    this.isFilled = true;
  }

  /** Also between requests, so that there never is much to be taken. */
  private async takeAll(): Promise<void> {
    while (this.changed.length > 0) {
      await nextTurn();
      this.take(AT_ONCE.readers);
    }
  }

  private take(most: number): void {
    if (this.changed.length === 0) return;
    for (const readerId of this.changed.splice(0, most)) {
      const record = this.options.readers.of(readerId);
      if (record === undefined) this.chunks.remove(readerId);
      else this.chunks.put(record);
    }
  }
}
