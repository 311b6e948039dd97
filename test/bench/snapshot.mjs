// @ts-check
import { createInterface } from 'node:readline';
import { setTimeout as wait } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { memoryOf } from '../support/processes.mjs';
import { knowsReaders, startFeeder } from './reader-feeding.mjs';
import { memoryMessage, watchedBy, watchMessage } from './programs.mjs';
import { startSystem } from './system.mjs';

const READERS = Number(process.env.SNAPSHOT_READERS ?? 100_000);
const ENTRIES = Number(process.env.SNAPSHOT_ENTRIES ?? 1_000_000);
const INTERVAL_SECONDS = Number(process.env.SNAPSHOT_INTERVAL ?? 10);
const GATEWAYS = 3;
const ARGS = watchedBy;

/** @typedef {import('./watched.mjs').LoopDelay} LoopDelay */
/** @typedef {Awaited<ReturnType<typeof startSystem>>} System */

/**
 * What the snapshot of a gateway that starts takes while 100,000 readers publish heartbeats in batches of 100, every 10 s: time, memory, and how
 * long the event loops are blocked. Then a stream of 1,000,000 entries, between an owner and a replica without a broker.
 * `SNAPSHOT_READERS` and `SNAPSHOT_ENTRIES` make it smaller; 0 leaves that part out. `SNAPSHOT_INTERVAL` is another interval, in seconds. `SNAPSHOT_PROFILE` names a file for a CPU profile
 * of reader-heartbeat.
 */
export async function* snapshot() {
  if (READERS > 0) yield* beside();
  if (ENTRIES > 0) yield* alone();
}

async function* beside() {
  const system = await startSystem({ execArgv: ARGS });
  /** @type {ReturnType<typeof startFeeder> | undefined} */
  let feeder;
  try {
    const owner = await system.start('reader-heartbeat', { SIGNALBOX_MAX_READERS: String(READERS) }, ARGS);
    const emptyOwner = await memoryMessage(owner.child);
    await knowsReaders(system.gateway, 0);
    const empty = await memoryMessage(system.gateway.child);
    feeder = startFeeder(system.brokerUrl, READERS, { intervalSeconds: INTERVAL_SECONDS });
    await knowsReaders(system.gateway, READERS);
    await wait(5_000);
    yield `${READERS.toLocaleString('en')} readers that publish heartbeats in batches of 100, every ${INTERVAL_SECONDS} s`;
    yield `  reader-heartbeat: ${memory(await memoryMessage(owner.child), emptyOwner, READERS)}`;
    await watchMessage(owner.child, { watch: 'begin' });
    await wait(5_000);
    yield `  reader-heartbeat, no snapshot: ${loop(await watchMessage(owner.child, { watch: 'end' }))}`;
    for (const gateways of [1, GATEWAYS]) {
      await watchMessage(owner.child, { watch: 'begin', profile: process.env.SNAPSHOT_PROFILE });
      const started = await Promise.all(Array.from({ length: gateways }, () => startFollower(system)));
      // What is announced after a snapshot counts, too.
      await wait(2_000);
      const ownerLoop = await watchMessage(owner.child, { watch: 'end' });
      for (const { gateway, fromStartMs, fromRequestMs } of started) {
        const delay = await watchMessage(gateway.child, { watch: 'end' });
        yield `  a gateway, ${gateways} at once: snapshot after ${seconds(fromRequestMs)} from its request, ${seconds(fromStartMs)} from the start of the process; ${loop(delay)}`;
        yield `    ${memory(await memoryMessage(gateway.child), empty, READERS)}`;
      }
      yield `  reader-heartbeat, snapshots of ${gateways}: ${loop(ownerLoop)}, ${memoryOf(owner.pid)} MiB resident`;
      for (const { gateway } of started) await system.stop(gateway);
    }
  } finally {
    feeder?.stop();
    await system.close();
  }
}

/** A gateway that has just received its first snapshot of the readers. @param {System} system */
async function startFollower(system) {
  const startedAt = Date.now();
  const env = {
    PORT: '0',
    SIGNALBOX_ADMIN_KEY_FILE: system.keyFile,
    LOG_LEVEL: 'info',
    WATCHED_FROM_READY: '',
  };
  const gateway = await system.start('gateway', env, ARGS, 'pipe');
  const lines = createInterface({ input: /** @type {import('node:stream').Readable} */ (gateway.child.stdout) });
  let requestedAt = NaN;
  for await (const line of lines) {
    const { msg, stream, time } = JSON.parse(line);
    if (stream !== 'readers.0') continue;
    if (msg === 'snapshot needed' && Number.isNaN(requestedAt)) requestedAt = unixMs(time);
    if (msg !== 'snapshot received') continue;
    gateway.child.stdout?.resume();
    const at = unixMs(time);
    return { gateway, fromStartMs: at - startedAt, fromRequestMs: at - requestedAt };
  }
  throw new Error('the gateway ended without a snapshot');
}

/** @param {string | number} time */
const unixMs = (time) => (typeof time === 'number' ? time : Date.parse(time));

async function* alone() {
  const worker = (/** @type {'owner' | 'replica'} */ role, port = 0) =>
    new Worker(new URL('snapshot-entries.mjs', import.meta.url), {
      workerData: { role, port, entries: ENTRIES },
      resourceLimits: { maxOldGenerationSizeMb: 8_192 },
    });
  const owner = worker('owner');
  const { port } = await messageOf(owner);
  const replica = worker('replica', port);
  try {
    const [ofOwner, ofReplica] = await Promise.all([owner, replica].map(messageOf));
    yield `${ENTRIES.toLocaleString('en')} entries, an owner and a replica without a broker`;
    yield `  owner: ${Math.round(ofOwner.heapBytes / ENTRIES)} bytes of heap an entry; ${loop(ofOwner.delay)}`;
    for (const { name, ms, delay, heapBytes } of ofReplica)
      yield `  replica, ${name}: ${seconds(ms)}, ${Math.round(heapBytes / ENTRIES)} bytes of heap an entry; ${loop(delay)}`;
  } finally {
    await Promise.all([owner.terminate(), replica.terminate()]);
  }
}

/** @param {Worker} worker @returns {Promise<any>} */
const messageOf = (worker) =>
  new Promise((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
  });

/** @param {import('./watched.mjs').Memory} now @param {import('./watched.mjs').Memory} before @param {number} readers */
function memory(now, before, readers) {
  const each = (/** @type {number} */ bytes) => Math.round(bytes / readers).toLocaleString('en');
  return `${each(now.used - before.used)} bytes of JavaScript and its buffers a reader above an empty process, ${each(now.rss - before.rss)} bytes resident (${Math.round(now.rss / 1_048_576)} MiB)`;
}

/** @param {LoopDelay} delay */
const loop = ({ p99, max, longestGc }) =>
  `event loop late p99 ${p99.toFixed(1)} max ${max.toFixed(1)} ms (longest garbage collection ${Math.max(0, ...Object.values(longestGc))} ms)`;

/** @param {number} ms */
const seconds = (ms) => `${(ms / 1_000).toFixed(1)} s`;
