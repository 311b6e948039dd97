// @ts-check
import { testDatabase } from '@signalbox/testing';
import { fed, startFed, weighed } from './feeding.mjs';

const READERS = 100_000;
/** Heartbeats of each reader. */
const ROUNDS = 5;
/** Of one order: what is to be delivered is in the same process, before. */
const AT_ONCE = 10_000;

/** What reader-heartbeat needs for a reader: what it needs more than before the first one came. */
export async function* readerMemory() {
  const database = await testDatabase();
  const { child, stop } = await startFed(database.url);
  try {
    await fed(child, { readers: READERS, count: 100, batch: 100, chunk: 1 });
    const empty = await weighed(child);
    for (let sent = 0; sent < ROUNDS * READERS; sent += AT_ONCE)
      await fed(child, { readers: READERS, count: AT_ONCE, batch: 100, chunk: 5, perSecond: 500 });
    const full = await weighed(child);
    yield `reader-heartbeat with ${READERS.toLocaleString('en')} readers, in bytes of each`;
    const [heap, resident] = [used(full) - used(empty), full.rss - empty.rss];
    yield `  in use ${Math.round(heap / READERS)}, resident ${Math.round(resident / READERS)} (${mib(full.rss)} MiB resident, ${mib(empty.rss)} without readers)`;
  } finally {
    await stop();
    await database.remove();
  }
}

/** @param {NodeJS.MemoryUsage} memory */
const used = ({ heapUsed, external }) => heapUsed + external;

/** @param {number} bytes */
const mib = (bytes) => Math.round(bytes / 1_048_576);
