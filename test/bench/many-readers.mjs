// @ts-check
import { fork } from 'node:child_process';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { call, ms } from './calls.mjs';
import { whenDeadReaders } from './dead-readers.mjs';
import { median } from './measure.mjs';
import { watchedBy, watchMessage } from './programs.mjs';
import { startSystem } from './system.mjs';
import { pinServer, prefer, wrk } from './wrk.mjs';
import { cpuSecondsOf } from '../support/processes.mjs';

/** @typedef {Awaited<ReturnType<typeof startSystem>>} System */

const READERS = Number(process.env.BENCH_READERS ?? 100_000);
const FEW = 100;
const BEAT_SECONDS = 10;
const GET_SECONDS = Number(process.env.BENCH_SECONDS ?? 30);
const CHANGES = 200;
/** So that each changes another chunk of readers. */
const CHANGED_APART = 997;
/** The middle of so many rounds: what else the machine does changes from round to round. */
const KNOWN_ROUNDS = 5;
const KNOWN_SECONDS = 3;
const AROUND_MS = 100;
const WHOLE_MAP = [
  '/healthz',
  '/reader_groups',
  '/inference/status',
  '/v1/readers',
  '/v1/readers?search=00099&sort=-since',
];

/**
 * A gateway with 100,000 readers that beat every 10 s. `BENCH_READERS` and `BENCH_SECONDS` make it smaller. What blocks its event loop is how late
 * a timer of 1 ms comes, ms.
 */
export async function* manyReaders() {
  const few = await withReaders(FEW, 0);
  /** @type {number} */
  let fewUs;
  try {
    fewUs = await costOfKnown(few.system);
  } finally {
    await few.close();
  }
  const { system, owner, empty, filled, close } = await withReaders(READERS, BEAT_SECONDS);
  const { gateway } = system;
  try {
    const count = READERS.toLocaleString('en');
    yield `${count} readers, each with a heartbeat every ${BEAT_SECONDS} s`;
    yield `  the first snapshot: ${filled.seconds.toFixed(1)} s, ${loop(filled.delay)}`;
    yield `  5 s without a request: ${await watched(system, () => wait(5_000))}`;
    const first = performance.now();
    yield `  the first GET /status: ${await watched(system, () => call({ ...target(system), path: '/status', perSecond: 1, seconds: 1 }))}, ${Math.round(performance.now() - first)} ms`;
    /** @type {number[]} */
    let times = [];
    const cpu = cpuSecondsOf(gateway.pid);
    const delay = await watched(system, async () => {
      times = await call({ ...target(system), path: '/status', perSecond: 1, seconds: GET_SECONDS });
    });
    const used = ((cpuSecondsOf(gateway.pid) - cpu) / GET_SECONDS) * 100;
    yield `  GET /status once a second for ${GET_SECONDS} s: ${delay}; answered in p50 ${ms(times, 0.5)} max ${Math.max(...times).toFixed(2)} ms; CPU ${used.toFixed(0)} %`;
    const seen = await changesSeen(system, owner);
    yield `  a change of state, from its confirmation by the broker until GET /status shows it (${seen.length}): p50 ${ms(seen, 0.5)} p99 ${ms(seen, 0.99)} max ${Math.max(...seen)} ms`;
    for (const path of WHOLE_MAP) yield `  GET ${path}: ${await watched(system, () => drain(system, path))}`;
    const full = await memory(gateway);
    yield `  memory a reader above an empty process, after a garbage collection: ${bytesEach(full.used - empty.used)} used, ${bytesEach(full.rss - empty.rss)} resident`;
    owner.send({ silent: true });
    await wait(2_500);
    const manyUs = await costOfKnown(system);
    yield `  GET /status, 304: ${manyUs.toFixed(1)} µs of CPU; with ${FEW} readers ${fewUs.toFixed(1)} µs: ${(manyUs / fewUs).toFixed(2)} ×`;
  } finally {
    await close();
  }
}

/** @param {number} readers @param {number} beatSeconds */
async function withReaders(readers, beatSeconds) {
  const system = await startSystem({ execArgv: watchedBy });
  // What others do on this machine is not measured.
  prefer(system.gateway.pid);
  // For GET /v1/readers, which is counted.
  await system.send('PUT', '/v1/tiers/operators', { requests_per_hour: 1_000_000_000, burst_per_second: 1_000_000 });
  await call({ ...target(system), path: '/status', perSecond: 100, seconds: 1 });
  const empty = await memory(system.gateway);
  const owner = fork(fileURLToPath(new URL('readers-owner.mjs', import.meta.url)));
  const startedAt = performance.now();
  await watchMessage(system.gateway.child, { watch: 'begin' });
  owner.send({ brokerUrl: system.brokerUrl, readers, beatSeconds });
  await answer(owner);
  while ((await system.get('/v1/readers?limit=1')).total !== readers) await wait(50);
  const seconds = (performance.now() - startedAt) / 1_000;
  const delay = await watchMessage(system.gateway.child, { watch: 'end' });
  const close = async () => {
    owner.kill();
    await system.close();
  };
  return { system, owner, empty, filled: { seconds, delay }, close };
}

/** A request with an ETag that is current. @param {System} system @returns {Promise<number>} µs of CPU */
async function costOfKnown(system) {
  const { headers, gateway } = system;
  const response = await fetch(`http://127.0.0.1:${gateway.port}/status`, { headers });
  await response.arrayBuffer();
  pinServer(gateway.pid);
  const known = { ...headers, 'if-none-match': response.headers.get('etag') ?? '' };
  const asked = { port: gateway.port, pid: gateway.pid, path: '/status', headers: known };
  await wrk({ ...asked, seconds: 1 });
  /** @type {number[]} */
  const costs = [];
  for (let round = 0; round < KNOWN_ROUNDS; round += 1) {
    const { requests, cpuSeconds } = await wrk({ ...asked, seconds: KNOWN_SECONDS });
    costs.push((cpuSeconds / requests) * 1e6);
  }
  return median(costs);
}

/**
 * Changes readers one by one, at any moment of a second, and asks for `/status` until it shows the change.
 * @param {System} system @param {import('node:child_process').ChildProcess} owner
 * @returns {Promise<number[]>} ms from the confirmation of each change to the first bytes that show it
 */
async function changesSeen(system, owner) {
  /** @type {number[]} */
  const seen = [];
  for (let change = 0; change < CHANGES; change += 1) {
    const number = (change * CHANGED_APART) % READERS;
    await wait(Math.random() * 500);
    const confirmed = answer(owner);
    owner.send({ change: number, state: 'dead' });
    const { at: confirmedAt } = /** @type {{ at: number }} */ (await confirmed);
    const wanted = `"llama-70b-${String(number).padStart(6, '0')}"`;
    seen.push(Math.max(0, (await whenDeadReaders(system, (dead) => dead.includes(wanted))) - confirmedAt));
  }
  return seen;
}

/** @param {System} system @param {() => Promise<unknown>} run */
async function watched({ gateway }, run) {
  await watchMessage(gateway.child, { watch: 'begin', profile: process.env.BENCH_PROFILE });
  // A timer that has not come before what blocks it, or does not come after that, says nothing.
  await wait(AROUND_MS);
  await run();
  await wait(AROUND_MS);
  return loop(await watchMessage(gateway.child, { watch: 'end' }));
}

/** @param {System} system @param {string} path */
async function drain({ gateway, headers }, path) {
  const response = await fetch(`http://127.0.0.1:${gateway.port}${path}`, { headers });
  await response.arrayBuffer();
  // Some readers are dead.
  if (!response.ok && path !== '/healthz') throw new Error(`${path} answered ${response.status}`);
}

/** @param {System['gateway']} gateway @returns {Promise<import('./watched.mjs').Memory>} */
const memory = async ({ child }) => /** @type {any} */ (await watchMessage(child, { watch: 'memory' }));

/** @param {import('node:child_process').ChildProcess} child */
const answer = (child) => new Promise((resolve) => child.once('message', resolve));

/** @param {System} system */
const target = ({ gateway, headers }) => ({ port: gateway.port, key: headers['x-api-key'] });

/** @param {number} bytes */
const bytesEach = (bytes) => `${Math.round(bytes / READERS).toLocaleString('en')} B`;

/** @param {import('./watched.mjs').LoopDelay} delay */
const loop = ({ p99, max, ofSeconds, longestGc }) =>
  `loop blocked p99 ${p99.toFixed(1)} ms, the longest of each second p50 ${ms(ofSeconds, 0.5)} p90 ${ms(ofSeconds, 0.9)} max ${max.toFixed(1)} ms (garbage collection ${JSON.stringify(longestGc)})`;
