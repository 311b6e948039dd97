import type { Clock } from './clock.js';

export interface Wait {
  readonly clock: Clock;
  readonly ms: number;
  /** Ends the wait early. */
  readonly signal?: AbortSignal | undefined;
}

/** Resolves after the delay, or earlier if the signal is aborted: check the signal afterwards. */
export function wait({ clock, ms, signal }: Wait): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const finish = (): void => {
      cancel();
      signal?.removeEventListener('abort', finish);
      resolve();
    };
    const cancel = clock.schedule(ms, finish);
    signal?.addEventListener('abort', finish);
  });
}
