// @ts-check
import { setTimeout as wait } from 'node:timers/promises';
import { publishBeats } from './beats.mjs';
import { besidePlain } from './http.mjs';
import { startSystem } from './system.mjs';

/** About 400 KiB. */
const READERS = 1_800;

/** `GET /status` with many readers. */
export async function* statusBody() {
  const system = await startSystem();
  try {
    await system.start('reader-heartbeat');
    await publishBeats(system.brokerUrl, READERS);
    await readersAreShown(system, READERS);
    yield* besidePlain({ title: `GET /status, ${READERS.toLocaleString('en')} readers`, path: '/status', ...system });
  } finally {
    await system.close();
  }
}

/** @param {Awaited<ReturnType<typeof startSystem>>} system @param {number} count */
export async function readersAreShown({ get }, count) {
  while (Object.keys((await get('/status')).status?.live_readers ?? {}).length < count) await wait(100);
}
