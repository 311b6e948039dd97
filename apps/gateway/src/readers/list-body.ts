import { randomBytes } from 'node:crypto';
import type { ReaderEntry } from '@signalbox/contracts/streams';
import { LoopTurns } from '@signalbox/platform';
import type { CachedBody } from '../http/caching/cached-body.js';
import { ApiError } from '../http/errors/api-error.js';
import { JsonLists } from './json-lists.js';
import type { ReadersView } from './readers.view.js';

/** Of texts: they are encoded in about the same time. */
const SLICE_MS = 2;
/** Readers between two looks at the clock. */
const AT_ONCE = 50;

/** A reader of a hundred groups is in a body a hundred times. */
const MOST_BYTES = 256 * 1_024 * 1_024;

export interface ListBodyOptions {
  readonly readers: Pick<ReadersView, 'entries' | 'onChange'>;
  /** Adds the texts of one reader. */
  readonly add: (lists: JsonLists, reader: ReaderEntry) => void;
  readonly compose: (lists: JsonLists) => readonly (string | Uint8Array)[];
  /** Larger bodies are refused; 256 MiB unless given. */
  readonly mostBytes?: number;
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
  private latest: { readonly changes: number; readonly body: Promise<CachedBody> } | undefined;

  constructor(private readonly options: ListBodyOptions) {
    options.readers.onChange(() => (this.changes += 1));
  }

  /** It has all changes before the call. @throws ApiError 503 where it would be too large */
  async now(): Promise<CachedBody> {
    const wanted = this.changes;
    let made = this.latest;
    while (made === undefined || made.changes < wanted) {
      await made?.body.catch(() => undefined);
      if (this.latest === made) this.latest = { changes: this.changes, body: this.make() };
      made = this.latest!;
    }
    return made.body;
  }

  private async make(): Promise<CachedBody> {
    const { readers, add, compose, mostBytes = MOST_BYTES } = this.options;
    const { changes } = this;
    const lists = new JsonLists();
    const slices = this.turns.slices(SLICE_MS);
    await slices.next();
    let added = 0;
    for (const reader of readers.entries()) {
      add(lists, reader);
      added += 1;
      if (added % AT_ONCE > 0 || !slices.isOver) continue;
      lists.encode();
      if (lists.bytes > mostBytes) throw tooLarge();
      await slices.next();
    }
    lists.encode();
    if (lists.bytes > mostBytes) throw tooLarge();
    const bytes = Buffer.concat(compose(lists).map((part) => (typeof part === 'string' ? Buffer.from(part) : part)));
    return { bytes, etag: `"${this.process}.${changes}"` };
  }
}

const tooLarge = (): ApiError =>
  new ApiError({
    status: 503,
    code: 'too_many_readers',
    detail: 'There are too many readers, or too many groups of each, for one answer.',
    suggestion: 'GET /v1/readers has them in pages, with filters and counts.',
  });
