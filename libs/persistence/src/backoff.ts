/** Growing delays between attempts, each drawn from the upper half of its step so that many processes spread out. */
export class Backoff {
  private attempts = 0;

  constructor(private readonly bounds: { readonly firstMs: number; readonly longestMs: number }) {}

  /** Milliseconds to wait before the next attempt. */
  next(): number {
    const { firstMs, longestMs } = this.bounds;
    const step = Math.min(longestMs, firstMs * 2 ** this.attempts);
    this.attempts += 1;
    return step * (0.5 + Math.random() / 2);
  }

  /** After a success: the next failure starts over. */
  reset(): void {
    this.attempts = 0;
  }
}
