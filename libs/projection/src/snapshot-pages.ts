import type { SnapshotEntry, SnapshotPage, SnapshotRequest } from '@signalbox/contracts';
import { cutPages, type PageLimits } from './cut-pages.js';
import type { StreamOwner } from './stream-owner.js';

/** Why a request was not answered: its copy is not kept (any more). The replica starts over with a new copy. */
export interface SnapshotRefusal {
  readonly code: 'snapshot_gone';
}

export interface SnapshotPagesOptions extends Partial<PageLimits> {
  /** How many copies are kept at once; 8 by default. The least recently used one makes room. */
  maxCopies?: number;
  /** How long after it was last handed out anew a copy is kept, in ms; 30,000 by default. */
  copyTtlMs?: number;
}

interface Copy {
  readonly epoch: number;
  readonly seq: number;
  readonly pages: readonly (readonly SnapshotEntry[])[];
  openedAt: number;
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
  answer(request: SnapshotRequest, now: number): SnapshotPage | SnapshotRefusal {
    this.forgetExpired(now);
    const id = request.snapshot_id ?? this.open(now);
    const copy = this.copies.get(id);
    const entries = copy?.pages[request.page];
    if (copy === undefined || entries === undefined) return { code: 'snapshot_gone' };
    this.copies.delete(id);
    // A snapshot of one page was given whole: nobody comes back for the rest.
    if (copy.pages.length > 1) this.copies.set(id, copy);
    return {
      stream: this.owner.stream,
      snapshot_id: id,
      epoch: copy.epoch,
      seq: copy.seq,
      page: request.page,
      pages: copy.pages.length,
      entries: [...entries],
    };
  }

  /** Replicas that ask at the same seq share a copy: epoch and seq say exactly what is in it, so they are its id. */
  private open(now: number): string {
    const id = `${this.owner.epoch}.${this.owner.seq}`;
    const kept = this.copies.get(id);
    if (kept !== undefined) {
      kept.openedAt = now;
      return id;
    }
    const { epoch, seq, entries } = this.owner.snapshot();
    const pages = cutPages(entries as readonly SnapshotEntry[], this.limits);
    for (const oldest of this.copies.keys()) {
      if (this.copies.size < this.maxCopies) break;
      this.copies.delete(oldest);
    }
    this.copies.set(id, { epoch, seq, pages, openedAt: now });
    return id;
  }

  private forgetExpired(now: number): void {
    for (const [id, copy] of this.copies) {
      if (now - copy.openedAt >= this.copyTtlMs) this.copies.delete(id);
    }
  }
}
