// @ts-check
import { setTimeout as wait } from 'node:timers/promises';
import { publishBeats } from './beats.mjs';
import { besidePlain } from './http.mjs';
import { startSystem } from './system.mjs';

/** Of about 224 and 400 KiB. */
const READERS = [955, 1_706];

/** `GET /status` with many readers. */
export async function* statusBody() {
  const system = await startSystem();
  try {
    await system.start('reader-heartbeat');
    for (const readers of READERS) {
      await publishBeats(system.brokerUrl, readers);
      await readersAreShown(system, readers);
      yield* besidePlain({ title: `GET /status, ${readers.toLocaleString('en')} readers`, path: '/status', ...system });
    }
  } finally {
    await system.close();
  }
}

/** @param {Awaited<ReturnType<typeof startSystem>>} system @param {number} count */
export async function readersAreShown({ get }, count) {
  while (Object.keys((await get('/status')).status?.live_readers ?? {}).length < count) await wait(100);
}
