import type { Clock } from '@signalbox/platform';

/** Remembers a wake-up until it is waited for, so that a notification between two waits is not missed. */
export class Latch {
  private opened = false;
  private release: () => void = () => undefined;

  /** Ends the present wait, or the next one if there is none. */
  open(): void {
    this.opened = true;
    this.release();
  }

  /** From now on only a new `open` counts. */
  close(): void {
    this.opened = false;
  }

  /** Resolves when open, at the latest after the delay. */
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
