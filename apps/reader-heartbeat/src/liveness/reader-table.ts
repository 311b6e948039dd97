import TinyQueue from 'tinyqueue';
import type { Beat } from './beat.js';
import type { Instant } from './instant.js';
import { judgeBeat, type Verdict } from './judge-beat.js';
import { leaseEnd, type LivenessSettings } from './lease.js';
import type { Reader } from './reader.js';

interface Due {
  at: number;
  readerId: string;
}

/**
 * The readers of one partition and, ordered by time, the moments at which something about them falls due. Beats only
 * move a lease's end back, so an entry of the queue is checked and put back when it comes up, not with each beat.
 */
export class ReaderTable {
  private readonly readers = new Map<string, Reader>();
  private readonly due = new TinyQueue<Due>([], (a, b) => a.at - b.at);
  /** The moment its one queue entry stands at, per reader. */
  private readonly queuedAt = new Map<string, number>();

  /** @param listeningSince monotonic ms since when beats have been heard without a break. */
  constructor(
    private readonly settings: LivenessSettings,
    private listeningSince: number,
  ) {}

  get size(): number {
    return this.readers.size;
  }

  all(): Iterable<Reader> {
    return this.readers.values();
  }

  /** Puts back what was known before this process started. */
  restore(readers: Iterable<Reader>): void {
    for (const reader of readers) this.put(reader);
  }

  record(beat: Beat, at: Instant): Verdict {
    const verdict = judgeBeat(this.readers.get(beat.readerId), beat, at);
    if (verdict.kind !== 'ignored') this.put(verdict.reader);
    return verdict;
  }

  /** Beats could not be heard until now (monotonic ms): every silence starts anew. */
  listenAgain(since: number): void {
    this.listeningSince = since;
  }

  /** Monotonic ms at which {@link expire} has something to do; Infinity when nothing ever falls due. */
  nextDue(): number {
    return this.next()?.at ?? Infinity;
  }

  /** Calls the silent dead and forgets whose retention is over. */
  expire(at: Instant): { died: Reader[]; forgotten: Reader[] } {
    const died: Reader[] = [];
    const forgotten: Reader[] = [];
    for (let due = this.next(); due !== undefined && due.at <= at.monotonic; due = this.next()) {
      this.due.pop();
      this.queuedAt.delete(due.reader.readerId);
      this.end(due.reader, at, { died, forgotten });
    }
    return { died, forgotten };
  }

  private end(reader: Reader, at: Instant, { died, forgotten }: { died: Reader[]; forgotten: Reader[] }): void {
    if (reader.state === 'dead' || reader.state === 'gone') {
      this.readers.delete(reader.readerId);
      forgotten.push(reader);
      return;
    }
    reader.state = 'dead';
    reader.since = { ...at };
    died.push(reader);
    this.enqueue(reader);
  }

  /** What really falls due next: entries whose lease was moved back meanwhile are put where they belong. */
  private next(): { at: number; reader: Reader } | undefined {
    for (let due = this.due.peek(); due !== undefined; due = this.due.peek()) {
      const reader = this.readers.get(due.readerId);
      const isCurrent = reader !== undefined && this.queuedAt.get(due.readerId) === due.at;
      if (isCurrent && this.leaseEnd(reader) <= due.at) return { at: due.at, reader };
      this.due.pop();
      if (!isCurrent) continue;
      this.queuedAt.delete(due.readerId);
      this.enqueue(reader);
    }
    return undefined;
  }

  private put(reader: Reader): void {
    this.readers.set(reader.readerId, reader);
    const queuedAt = this.queuedAt.get(reader.readerId);
    // Only an end that moved forward needs an entry of its own: a shorter interval, or a life after a retention.
    if (queuedAt === undefined || this.leaseEnd(reader) < queuedAt) this.enqueue(reader);
  }

  private enqueue(reader: Reader): void {
    const at = this.leaseEnd(reader);
    if (at === Infinity) return;
    this.queuedAt.set(reader.readerId, at);
    this.due.push({ at, readerId: reader.readerId });
  }

  private leaseEnd(reader: Reader): number {
    return leaseEnd(reader, this.settings, this.listeningSince);
  }
}
