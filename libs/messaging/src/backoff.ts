import type { BackoffBounds } from './options.js';

/** Waits that double from `minMs` to `maxMs`; each is drawn between half and the whole, so that many clients spread out. */
export class Backoff {
  private tries = 0;

  constructor(private readonly bounds: BackoffBounds) {}

  /** How long to wait before the next try, in ms. */
  nextMs(): number {
    const ceiling = Math.min(this.bounds.maxMs, this.bounds.minMs * 2 ** Math.min(this.tries++, 30));
    return ceiling * (0.5 + Math.random() / 2);
  }

  reset(): void {
    this.tries = 0;
  }
}
