import { randomBytes } from 'node:crypto';
import type { ReaderEntry } from '@signalbox/contracts/streams';
import { LoopTurns } from '@signalbox/platform';
import type { CachedBody } from '../http/caching/cached-body.js';
import { JsonLists } from './json-lists.js';
import type { ReadersView } from './readers.view.js';

/** Readers whose texts are made without a pause. */
const AT_ONCE = 1_000;

export interface ListBodyOptions {
  readonly readers: Pick<ReadersView, 'entries' | 'onChange'>;
  /** Adds the texts of one reader. */
  readonly add: (lists: JsonLists, reader: ReaderEntry) => void;
  readonly compose: (lists: JsonLists) => readonly (string | Uint8Array)[];
}

/**
 * The bytes of a body that has a text of each reader and nothing of their heartbeats: made once per change, in slices, for all requests that wait. A
 * reader that changes meanwhile is in it as it was or as it is.
 */
export class ListBody {
  private readonly turns = new LoopTurns();
  /** Distinguishes the versions of this process from those of other processes and of earlier starts. */
  private readonly process = randomBytes(6).toString('base64url');
  private changes = 0;
  private cached: { readonly changes: number; readonly body: CachedBody } | undefined;
  private making: Promise<void> | undefined;

  constructor(private readonly options: ListBodyOptions) {
    options.readers.onChange(() => (this.changes += 1));
  }

  /** It has all changes before the call. */
  async now(): Promise<CachedBody> {
    const wanted = this.changes;
    for (;;) {
      if (this.cached !== undefined && this.cached.changes >= wanted) return this.cached.body;
      this.making ??= this.make().finally(() => (this.making = undefined));
      await this.making;
    }
  }

  private async make(): Promise<void> {
    const { readers, add, compose } = this.options;
    const { changes } = this;
    const lists = new JsonLists();
    await this.turns.next();
    let added = 0;
    for (const reader of readers.entries()) {
      add(lists, reader);
      added += 1;
      if (added % AT_ONCE > 0) continue;
      lists.encode();
      await this.turns.next();
    }
    lists.encode();
    const bytes = Buffer.concat(compose(lists).map((part) => (typeof part === 'string' ? Buffer.from(part) : part)));
    this.cached = { changes, body: { bytes, etag: `"${this.process}.${changes}"` } };
  }
}
