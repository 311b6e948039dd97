import type { Clock } from '@signalbox/platform';

/** Keeps a wake-up until the next wait, so that a notification between two waits is not missed. */
export class Latch {
  private opened = false;
  private release: () => void = () => undefined;

  /** Ends the current wait, or the next one where there is none. */
  open(): void {
    this.opened = true;
    this.release();
  }

  /** Discards an earlier `open`. */
  close(): void {
    this.opened = false;
  }

  /** Resolves when open, after the delay at the latest. */
  wait(clock: Clock, longestMs: number): Promise<void> {
    if (this.opened) return Promise.resolve();
    return new Promise((resolve) => {
      const cancel = clock.schedule(longestMs, resolve);
      this.release = () => {
        cancel();
        resolve();
      };
    });
  }
}
