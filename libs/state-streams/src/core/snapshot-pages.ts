import type { SnapshotEntry, SnapshotPage, SnapshotRequest } from '@signalbox/contracts/streams';
import { cutPages, type PageLimits } from './cut-pages.js';
import type { StreamOwner } from './stream-owner.js';

/** Why a request was refused: its copy is not kept (any more). The replica starts over with a new copy. */
export interface SnapshotRefusal {
  readonly code: 'snapshot_gone';
}

export interface SnapshotPagesOptions extends Partial<PageLimits> {
  /** How many copies are kept at once; 8 by default. The least recently used one makes room. */
  maxCopies?: number;
  /** How long a copy is kept after it was last opened, in ms; 30,000 by default. */
  copyTtlMs?: number;
}

interface Copy {
  readonly id: string;
  readonly epoch: number;
  readonly seq: number;
  readonly pages: readonly (readonly SnapshotEntry[])[];
  readonly openedAt: number;
}

/** Serves an owner's content page by page; all pages of one snapshot id come from one frozen copy. */
export class SnapshotPages {
  /** In order of last use: the first key is the least recently used copy. */
  private readonly copies = new Map<string, Copy>();
  private readonly limits: PageLimits;
  private readonly maxCopies: number;
  private readonly copyTtlMs: number;

  constructor(
    private readonly owner: Pick<StreamOwner<NonNullable<unknown>>, 'stream' | 'epoch' | 'seq' | 'snapshot'>,
    { maxCopies = 8, copyTtlMs = 30_000, maxEntries = 2_000, maxBytes = 256 * 1024 }: SnapshotPagesOptions = {},
  ) {
    this.limits = { maxEntries, maxBytes };
    this.maxCopies = maxCopies;
    this.copyTtlMs = copyTtlMs;
  }

  /** `now` is in ms on any clock that does not go back. A request without an id opens a copy; its page must be 0. */
  answer({ snapshot_id: id, page }: SnapshotRequest, now: number): SnapshotPage | SnapshotRefusal {
    this.forgetExpired(now);
    const copy = id === undefined ? this.open(now) : this.copies.get(id);
    const entries = copy?.pages[page];
    if (copy === undefined || entries === undefined || (id === undefined && page !== 0))
      return { code: 'snapshot_gone' };
    // A snapshot of one page is complete with this answer: no request for a further page follows.
    if (copy.pages.length > 1) this.keep(copy);
    const { epoch, seq } = copy;
    const { stream } = this.owner;
    return { stream, snapshot_id: copy.id, epoch, seq, page, pages: copy.pages.length, entries: [...entries] };
  }

  /** Replicas that ask at the same seq share a copy: epoch and seq determine its content, so they are its id. */
  private open(now: number): Copy {
    const id = `${this.owner.epoch}.${this.owner.seq}`;
    const kept = this.copies.get(id);
    if (kept !== undefined) return { ...kept, openedAt: now };
    const { epoch, seq, entries } = this.owner.snapshot();
    return { id, epoch, seq, pages: cutPages(entries as readonly SnapshotEntry[], this.limits), openedAt: now };
  }

  /** Puts the copy last in the order of use. */
  private keep(copy: Copy): void {
    this.copies.delete(copy.id);
    for (const oldest of this.copies.keys()) {
      if (this.copies.size < this.maxCopies) break;
      this.copies.delete(oldest);
    }
    this.copies.set(copy.id, copy);
  }

  private forgetExpired(now: number): void {
    for (const [id, copy] of this.copies) {
      if (now - copy.openedAt >= this.copyTtlMs) this.copies.delete(id);
    }
  }
}
