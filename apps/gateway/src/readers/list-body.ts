import { randomBytes } from 'node:crypto';
import type { ReaderEntry } from '@signalbox/contracts/streams';
import { LoopTurns } from '@signalbox/platform';
import type { BodyVersion } from '../http/caching/body-version.js';
import { ApiError } from '../http/errors/api-error.js';
import { JsonLists } from './json-lists.js';
import type { ReadersView } from './readers.view.js';

/** Of texts: they are encoded in about the same time. */
const SLICE_MS = 2;
/** Readers between two looks at the clock. */
const AT_ONCE = 50;

/** Smaller parts are joined: each piece costs a connection about the same. */
const PIECE_BYTES = 64 * 1_024;

/** A reader of a hundred groups is in a body a hundred times. */
const MOST_BYTES = 256 * 1_024 * 1_024;

export interface ListBodyOptions {
  readonly readers: Pick<ReadersView, 'entries' | 'onChange'>;
  /** Adds the texts of one reader. */
  readonly add: (lists: JsonLists, reader: ReaderEntry) => void;
  readonly compose: (lists: JsonLists) => Iterable<string | Buffer>;
  /** @param bytes of a version that is not the newest any more */
  readonly onReplaced?: (version: BodyVersion, bytes: number) => void;
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
  private latest: { readonly changes: number; readonly body: Promise<BodyVersion> } | undefined;
  private newest: BodyVersion | undefined;

  constructor(private readonly options: ListBodyOptions) {
    options.readers.onChange(() => (this.changes += 1));
  }

  /** It has all changes before the call. @throws ApiError 503 where it would be too large */
  async now(): Promise<BodyVersion> {
    const wanted = this.changes;
    let made = this.latest;
    while (made === undefined || made.changes < wanted) {
      await made?.body.catch(() => undefined);
      if (this.latest === made) this.latest = { changes: this.changes, body: this.make() };
      made = this.latest!;
    }
    return made.body;
  }

  private async make(): Promise<BodyVersion> {
    const { readers, add, compose, onReplaced, mostBytes = MOST_BYTES } = this.options;
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
    const pieces: Buffer[] = [];
    for (const piece of joined(compose(lists))) {
      pieces.push(piece);
      if (slices.isOver) await slices.next();
    }
    const length = pieces.reduce((sum, piece) => sum + piece.length, 0);
    if (this.newest !== undefined) onReplaced?.(this.newest, this.newest.length);
    this.newest = { etag: `"${this.process}.${changes}"`, length, pieces: () => pieces };
    return this.newest;
  }
}

function* joined(parts: Iterable<string | Buffer>): Generator<Buffer> {
  let waiting: Buffer[] = [];
  let bytes = 0;
  for (const part of parts) {
    const next = typeof part === 'string' ? Buffer.from(part) : part;
    waiting.push(next);
    bytes += next.length;
    if (bytes < PIECE_BYTES) continue;
    yield waiting.length === 1 ? next : Buffer.concat(waiting, bytes);
    [waiting, bytes] = [[], 0];
  }
  if (bytes > 0) yield Buffer.concat(waiting, bytes);
}

const tooLarge = (): ApiError =>
  new ApiError({
    status: 503,
    code: 'too_many_readers',
    detail: 'There are too many readers, or too many groups of each, for one answer.',
    suggestion: 'GET /v1/readers has them in pages, with filters and counts.',
  });
