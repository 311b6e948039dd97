const FIRST_MS = 250;
const LONGEST_MS = 5_000;

/**
 * Milliseconds to wait before the next attempt: 250 ms, doubling to 5 s. Each is spread over its upper half, so that readers that
 * lost the same broker do not reconnect at the same time.
 * @param failures number of consecutive failed attempts, from 1
 * @param random a number from 0 to 1
 */
export function backoffMs(failures: number, random: number): number {
  const whole = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(failures - 1, 16));
  return Math.round(whole * (0.5 + random / 2));
}
