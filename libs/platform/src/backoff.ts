/** Bounds of the waits between attempts, in ms. */
export interface BackoffBounds {
  /** Before the second attempt. */
  readonly minMs: number;
  readonly maxMs: number;
}

/**
 * Waits between attempts that double from `minMs` to `maxMs`. Each is drawn from the upper half of its step, so that many
 * clients of one server spread out.
 */
export class Backoff {
  private attempts = 0;

  constructor(private readonly bounds: BackoffBounds) {}

  /** How long to wait before the next attempt, in ms. */
  nextMs(): number {
    const step = Math.min(this.bounds.maxMs, this.bounds.minMs * 2 ** Math.min(this.attempts, 30));
    this.attempts += 1;
    return step * (0.5 + Math.random() / 2);
  }

  /** After a success: the next failure starts over. */
  reset(): void {
    this.attempts = 0;
  }
}
