// @ts-check
import { setTimeout as wait } from 'node:timers/promises';
import { idOf } from './beats.mjs';
import { at } from './calls.mjs';
import { knowsReaders, startFeeder } from './reader-feeding.mjs';
import { watchedBy, watchMessage } from './programs.mjs';
import { startSystem } from './system.mjs';
import { prefer } from './wrk.mjs';
import { cpuSecondsOf } from '../support/processes.mjs';

const READERS = Number(process.env.LISTS_READERS ?? 100_000);
/** Of each kind, by itself and as many at once. */
const CALLS = 20;

/** @typedef {Awaited<ReturnType<typeof startSystem>>} System */

const KINDS = {
  'a page': '/v1/readers',
  'a page of 1,000': '/v1/readers?limit=1000',
  filters: '/v1/readers?state=live&group=primary&device=cuda',
  'a search': '/v1/readers?search=99',
  'the last heartbeats': '/v1/readers?sort=-last_heartbeat_at',
  groups: '/reader_groups',
  'the readers of inference': '/inference/status',
  'one reader': `/v1/readers/${idOf(5)}`,
  'a page far behind': `/v1/readers?cursor=${deepCursor()}`,
};

/** The lists of readers, at 100,000 that publish heartbeats: how long they take, one at a time and at once, and how long they hold the event loop. `LISTS_READERS` makes it smaller. */
export async function* readerLists() {
  const system = await startSystem({ execArgv: watchedBy });
  /** @type {ReturnType<typeof startFeeder> | undefined} */
  let feeder;
  try {
    await system.start('reader-heartbeat', { SIGNALBOX_MAX_READERS: String(READERS) });
    feeder = startFeeder(system.brokerUrl, READERS);
    await knowsReaders(system.gateway, READERS);
    await wait(5_000);
    // What others do on this machine is not measured.
    prefer(system.gateway.pid);
    yield `lists of ${READERS.toLocaleString('en')} readers; ms of an answer, CPU time of the gateway for each, and how late its event loop is`;
    for (const [name, path] of Object.entries(KINDS)) {
      await call(system, path);
      for (const atOnce of [1, CALLS]) {
        await watchMessage(system.gateway.child, { watch: 'begin' });
        const cpu = cpuSecondsOf(system.gateway.pid);
        /** @type {number[]} */
        const times = [];
        const callOften = async (/** @type {number} */ count) => {
          for (let left = count; left > 0; left -= 1) times.push(await call(system, path));
        };
        await Promise.all(Array.from({ length: atOnce }, () => callOften(CALLS / atOnce)));
        const cpuMs = ((cpuSecondsOf(system.gateway.pid) - cpu) / CALLS) * 1_000;
        const { p99, max, longestGc } = await watchMessage(system.gateway.child, { watch: 'end' });
        yield (
          `  ${name}, ${atOnce} at once`.padEnd(42) +
            `p50 ${at(times, 0.5).toFixed(0)} max ${Math.max(...times).toFixed(0)} ms, CPU ${cpuMs.toFixed(1)} ms; loop p99 ${p99.toFixed(1)} max ${max.toFixed(1)} ms (longest garbage collection ${Math.max(0, ...Object.values(longestGc))} ms)`
        );
      }
    }
  } finally {
    feeder?.stop();
    await system.close();
  }
}

/** Ms until the whole body is here. @param {System} system @param {string} path */
async function call({ gateway, headers }, path) {
  const startedAt = performance.now();
  const answer = await fetch(`http://127.0.0.1:${gateway.port}${path}`, { headers });
  if (answer.status !== 200) throw new Error(`${path}: ${answer.status}`);
  await answer.arrayBuffer();
  return performance.now() - startedAt;
}

/** Of a page in the middle. */
function deepCursor() {
  const id = idOf(Math.floor(READERS / 2));
  return Buffer.from(JSON.stringify(['reader_id', id, id])).toString('base64url');
}
