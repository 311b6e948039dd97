import type { Clock } from '@signalbox/platform';

/** Passes the newest value on: at once, and then at most once in so many ms. */
export class Throttled<T> {
  private latest: { readonly value: T } | undefined;
  private cancel: (() => void) | undefined;

  constructor(
    private readonly clock: Clock,
    private readonly ms: number,
    private readonly pass: (value: T) => void,
  ) {}

  give(value: T): void {
    if (this.cancel !== undefined) {
      this.latest = { value };
      return;
    }
    this.pass(value);
    this.cancel = this.clock.schedule(this.ms, () => this.next(), { background: true });
  }

  /** Passes on what waits. */
  flush(): void {
    this.cancel?.();
    this.next();
  }

  private next(): void {
    const { latest } = this;
    this.cancel = undefined;
    this.latest = undefined;
    if (latest !== undefined) this.give(latest.value);
  }
}
