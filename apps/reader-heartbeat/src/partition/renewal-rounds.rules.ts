import type { Reader } from '../liveness/reader.js';

/** In which every reader has its turn. What is stored of a receive time is older by as much. */
export const ROUND_MS = 60_000;

export interface KnownReaders {
  readonly size: number;
  /** The iterator stays valid when readers are added and removed. */
  all(): Iterable<Reader>;
}

/**
 * Says whose receive times are to be written: one reader after the other, in rounds, those with a heartbeat since their last turn. So nothing is to be
 * noted with a heartbeat, and the writes are spread evenly.
 */
export class RenewalRounds {
  private turns: Iterator<Reader> | undefined;
  /** Turns that time has earned and that were not taken. */
  private earned = 0;
  /** When this round and the one before began, monotonic ms. */
  private begun: number;
  private begunBefore: number;

  /** @param now monotonic ms: what was received before is stored */
  constructor(
    private readonly readers: KnownReaders,
    now: number,
  ) {
    this.begun = now;
    this.begunBefore = now;
  }

  /** Those whose turn it is after `ms` more. @param now monotonic ms */
  next(ms: number, now: number): Reader[] {
    const due: Reader[] = [];
    // However long the last call is ago, it is one round at most.
    this.earned = Math.min(this.earned + (this.readers.size * ms) / ROUND_MS, this.readers.size);
    for (; this.earned >= 1; this.earned -= 1) {
      this.turns ??= this.begin(now);
      const { value: reader, done } = this.turns.next();
      if (done === true) this.turns = undefined;
      else if (reader.receivedAt.monotonic >= this.begunBefore) due.push(reader);
    }
    return due;
  }

  /** All with a heartbeat since their last turn, `most` at a time. */
  *rest(most: number): Iterable<Reader[]> {
    let some: Reader[] = [];
    for (const reader of this.readers.all()) {
      if (reader.receivedAt.monotonic < this.begunBefore) continue;
      some.push(reader);
      if (some.length < most) continue;
      yield some;
      some = [];
    }
    if (some.length > 0) yield some;
  }

  private begin(now: number): Iterator<Reader> {
    this.begunBefore = this.begun;
    this.begun = now;
    return this.readers.all()[Symbol.iterator]();
  }
}
