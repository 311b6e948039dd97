// @ts-check
import { fork } from 'node:child_process';
import { setPriority } from 'node:os';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

/**
 * Has so many readers publish heartbeats, in batches of 100, from a process that stands for other machines.
 * @param {string} brokerUrl @param {number} readers
 * @param {{ from?: number, intervalSeconds?: number, firstSeconds?: number }} [options] `from`: the number of the first reader; `firstSeconds`: each
 * publishes its first heartbeat within this time
 */
export function startFeeder(brokerUrl, readers, { from = 0, intervalSeconds = 10, firstSeconds = 10 } = {}) {
  const feeder = fork(fileURLToPath(new URL('reader-feeder.mjs', import.meta.url)));
  setPriority(feeder.pid ?? 0, 19);
  feeder.send({ brokerUrl, from, readers, perMessage: 100, intervalSeconds, firstSeconds });
  return { stop: () => feeder.kill() };
}

/** Until a gateway knows so many readers. @param {{ port: number }} gateway @param {number} readers */
export async function knowsReaders({ port }, readers) {
  for (;;) {
    const answer = await fetch(`http://127.0.0.1:${port}/healthz`).catch(() => undefined);
    const counts = /** @type {any} */ (await answer?.json())?.readers;
    if (counts && counts.loading + counts.live + counts.dead >= readers) return;
    await wait(200);
  }
}
