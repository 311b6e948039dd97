import { setImmediate } from 'node:timers/promises';

/**
 * Lets pieces of work that take milliseconds begin one at a time, each in an iteration of the event loop of its own. However many wait, everything
 * else waits for one of them at most.
 */
export class LoopTurns {
  private last: Promise<unknown> = Promise.resolve();

  /** Resolves when the piece may begin: it is what runs then, up to the next `await`. */
  next(): Promise<unknown> {
    this.last = this.last.then(() => setImmediate());
    return this.last;
  }

  /** For a piece that is longer: slices of about so many ms. */
  slices(ms: number): Slices {
    return new Slices(this, ms);
  }
}

export class Slices {
  private endsAt = 0;

  constructor(
    private readonly turns: LoopTurns,
    private readonly ms: number,
  ) {}

  /** Whether the present slice should end. */
  get isOver(): boolean {
    return performance.now() >= this.endsAt;
  }

  /** Resolves when the next slice may begin. */
  async next(): Promise<void> {
    await this.turns.next();
    this.endsAt = performance.now() + this.ms;
  }
}
