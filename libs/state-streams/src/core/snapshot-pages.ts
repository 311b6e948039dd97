import type { SnapshotEntry, SnapshotPage, SnapshotRequest } from '@signalbox/contracts/streams';
import { cutBySize, type SizeLimits } from './cut-by-size.js';
import { bytesOfEntry } from './json-size.js';
import type { MeasuredEntry, StreamOwner } from './stream-owner.js';

/** Why a request was refused: its copy is not kept (any more). The replica starts over with a new copy. */
export interface SnapshotRefusal {
  readonly code: 'snapshot_gone';
}

export interface SnapshotPagesOptions {
  /** Ms, on any clock that does not go back. */
  readonly now: () => number;
  /** How many copies are kept at once; 8 by default. The least recently used one makes room. */
  readonly maxCopies?: number;
  /** How long a copy is kept after its last use, in ms; 30,000 by default. */
  readonly copyTtlMs?: number;
  /** Most entries of a page, 1,000 by default. */
  readonly maxEntries?: number;
  /** Most bytes of a page as JSON in UTF-8, 128 KiB by default. An entry that alone is larger gets a page to itself. */
  readonly maxBytes?: number;
}

/** The most that the members beside `entries` take: names, numbers, a stream name and an id. */
const ENVELOPE_BYTES = 1_024;

type Page = readonly MeasuredEntry<NonNullable<unknown>>[];

/** Whose content is served. */
export type SnapshotSource = Pick<StreamOwner<NonNullable<unknown>>, 'stream' | 'epoch' | 'seq' | 'snapshot'>;

interface Copy {
  readonly id: string;
  readonly epoch: number;
  readonly seq: number;
  readonly frozenAt: number;
  readonly pages: readonly Page[];
  usedAt: number;
}

const GONE: SnapshotRefusal = { code: 'snapshot_gone' };

/** Serves an owner's content page by page; all pages of one snapshot id come from one frozen copy. */
export class SnapshotPages {
  /** In order of last use: the first key is the least recently used copy. */
  private readonly copies = new Map<string, Copy>();
  private readonly limits: SizeLimits;
  private readonly now: () => number;
  private readonly maxCopies: number;
  private readonly copyTtlMs: number;

  constructor(
    private readonly owner: SnapshotSource,
    { now, maxCopies = 8, copyTtlMs = 30_000, maxEntries = 1_000, maxBytes = 128 * 1_024 }: SnapshotPagesOptions,
  ) {
    this.limits = { maxItems: maxEntries, maxBytes: maxBytes - ENVELOPE_BYTES };
    this.now = now;
    this.maxCopies = maxCopies;
    this.copyTtlMs = copyTtlMs;
  }

  /**
   * A request without an id opens a copy; its page must be 0. The generator yields where the caller may do something else: after each page that was
   * measured. One copy is to be opened at a time.
   * @param arrivedAt when the request arrived
   */
  *answer(
    { snapshot_id: id, page }: SnapshotRequest,
    arrivedAt: number,
  ): Generator<void, SnapshotPage | SnapshotRefusal, undefined> {
    this.forgetUnused();
    if (id === undefined && page !== 0) return GONE;
    const copy = id === undefined ? yield* this.open(arrivedAt) : this.copies.get(id);
    const entries = copy?.pages[page];
    if (copy === undefined || entries === undefined) return GONE;
    // A snapshot of one page is complete with this answer: no request for a further page follows.
    if (copy.pages.length > 1) this.keep(copy);
    const { epoch, seq } = copy;
    return {
      stream: this.owner.stream,
      snapshot_id: copy.id,
      epoch,
      seq,
      page,
      pages: copy.pages.length,
      entries: entries.map(({ key, value, version }) => ({ key, value, version })) as SnapshotEntry[],
    };
  }

  /** Drops the copies that were not used for their time. */
  forgetUnused(): void {
    const now = this.now();
    for (const [id, { usedAt }] of this.copies) if (now - usedAt >= this.copyTtlMs) this.copies.delete(id);
  }

  /**
   * Replicas share a copy where they can. Epoch and seq determine its content, so they are its id. One that was frozen after the request
   * arrived will do, too: its replica has all later deltas.
   */
  private *open(arrivedAt: number): Generator<void, Copy, undefined> {
    const id = `${this.owner.epoch}.${this.owner.seq}`;
    for (const copy of this.copies.values()) if (copy.id === id || copy.frozenAt > arrivedAt) return copy;
    const frozenAt = this.now();
    const { epoch, seq, entries } = this.owner.snapshot();
    const pages: Page[] = [];
    for (const page of cutBySize(entries, bytesOf, this.limits)) {
      pages.push(page);
      yield;
    }
    if (pages.length === 0) pages.push([]);
    return { id, epoch, seq, frozenAt, pages, usedAt: frozenAt };
  }

  /** Puts the copy last in the order of use. */
  private keep(copy: Copy): void {
    copy.usedAt = this.now();
    this.copies.delete(copy.id);
    for (const oldest of this.copies.keys()) {
      if (this.copies.size < this.maxCopies) break;
      this.copies.delete(oldest);
    }
    this.copies.set(copy.id, copy);
  }
}

/** Measured once, as an entry never changes. */
function bytesOf(entry: MeasuredEntry<NonNullable<unknown>>): number {
  if (entry.bytes === 0) entry.bytes = bytesOfEntry(entry.key, entry.value);
  return entry.bytes;
}
