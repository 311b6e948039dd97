// @ts-check
import { setTimeout as sleep } from 'node:timers/promises';

const withinMs = 30_000;

/**
 * Asks again and again, ten times a second.
 * @param {() => Promise<boolean>} isTrue what throws is not true yet
 * @param {AbortSignal} signal
 * @returns {Promise<boolean>} false: it was not true within 30 s
 */
export async function becomesTrue(isTrue, signal) {
  const deadline = performance.now() + withinMs;
  while (performance.now() < deadline) {
    if (await isTrue().catch(() => false)) return true;
    await sleep(100, undefined, { signal });
  }
  return false;
}
