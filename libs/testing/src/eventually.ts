import { setTimeout as delay } from 'node:timers/promises';

export interface EventuallyOptions {
  /** Default 30 s: generous, since it is only waited for when the test fails. */
  timeoutMs?: number;
  /** Time between two checks. By default a tenth of the time waited so far, from 10 to 100 ms. */
  everyMs?: number;
}

const SHORTEST_MS = 10;
const LONGEST_MS = 100;

/**
 * Runs `check` until it succeeds and returns what it returned. It has not succeeded while it throws or returns `false`,
 * `null` or `undefined`. When the time is up the error contains the last failure.
 */
export async function eventually<T>(
  check: () => T | Promise<T>,
  { timeoutMs = 30_000, everyMs }: EventuallyOptions = {},
): Promise<Exclude<T, false | null | undefined>> {
  const startedAt = performance.now();
  for (;;) {
    let failure: unknown;
    try {
      const result = await check();
      if (result !== false && result !== null && result !== undefined)
        return result as Exclude<T, false | null | undefined>;
      failure = new Error(`the condition was ${String(result)}`);
    } catch (error) {
      failure = error;
    }
    const waitedMs = performance.now() - startedAt;
    if (waitedMs >= timeoutMs) {
      const reason = failure instanceof Error ? failure.message : String(failure);
      throw new Error(`Not within ${timeoutMs} ms: ${reason}`, { cause: failure });
    }
    await delay(everyMs ?? Math.min(Math.max(waitedMs / 10, SHORTEST_MS), LONGEST_MS));
  }
}
