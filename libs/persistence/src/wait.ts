import type { Clock } from '@signalbox/platform';

export interface Wait {
  readonly clock: Clock;
  readonly delayMs: number;
  /** Ends the wait early. */
  readonly signal?: AbortSignal | undefined;
}

/** Resolves after the delay or, sooner, when the signal is aborted: look at the signal afterwards. */
export function wait({ clock, delayMs, signal }: Wait): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const finish = (): void => {
      cancel();
      signal?.removeEventListener('abort', finish);
      resolve();
    };
    const cancel = clock.schedule(delayMs, finish);
    signal?.addEventListener('abort', finish);
  });
}
