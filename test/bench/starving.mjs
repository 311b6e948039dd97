// @ts-check
import { fork } from 'node:child_process';
import { createServer } from 'node:net';
import { setPriority } from 'node:os';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { at, call, ms } from './calls.mjs';
import { startSystem } from './system.mjs';
import { pinClient, pinServer } from './wrk.mjs';

const SECONDS = Number(process.env.STARVING_SECONDS ?? 60);
const QUIET_SECONDS = 10;
const CALLS_PER_SECOND = 50;
const BAD_KEYS_PER_SECOND = 2_000;

/**
 * What an admin waits for `GET /livez`, `GET /status` and a change, while one manager's key does its worst from processes of their own: waits, connection
 * tests at a server that does not answer, bodies of 2 MB, idle connections, and wrong keys from the same address. Beside each its value in the
 * quiet seconds before. `STARVING_SECONDS` makes it shorter.
 */
export async function* starving() {
  const system = await startSystem();
  const sockets = new Set();
  const silent = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
  });
  await new Promise((resolve) => silent.listen(0, '127.0.0.1', () => resolve(undefined)));
  const { port: silentPort } = /** @type {import('node:net').AddressInfo} */ (silent.address());
  try {
    await system.start('registry', {
      SIGNALBOX_SECRET_KEYS: Buffer.alloc(32, 7).toString('base64'),
      SIGNALBOX_REGISTRY_DATA: `${system.home}/registry`,
      SIGNALBOX_ALLOW_LOOPBACK_TARGETS: 'true',
    });
    const { port, pid } = system.gateway;
    pinServer(pid);
    for (const name of ['admins', 'managers']) await system.send('POST', '/api/v0/projects', { name });
    const { key } = await system.send('POST', '/v1/keys', { name: 'manager', role: 'manager' });
    await measure(system, 3);
    const quiet = await measure(system, QUIET_SECONDS);
    const load = [
      start('starver.mjs', { port, key, silentPort, seconds: SECONDS }),
      start('guesser.mjs', {
        port,
        perSecond: BAD_KEYS_PER_SECOND,
        seconds: SECONDS,
        mode: { connections: 200, batch: 1, isReused: true, waits: true, bodyBytes: 0 },
      }),
    ];
    // Until its connections are open.
    await wait(2_000);
    const during = await measure(system, SECONDS - 4);
    yield `beside one key that does its worst for ${SECONDS} s`;
    for (const [name, times] of Object.entries(during)) {
      const before = quiet[name] ?? [];
      yield `  ${name}: p99 ${(at(times, 0.99) / at(before, 0.99)).toFixed(2)} × quiet; quiet p50 ${ms(before, 0.5)} p99 ${ms(before, 0.99)} ms; beside it p50 ${ms(times, 0.5)} p99 ${ms(times, 0.99)} ms`;
    }
    for (const counts of await Promise.all(load)) yield `  ${JSON.stringify(counts)}`;
  } finally {
    for (const socket of sockets) socket.destroy();
    silent.close();
    await system.close();
  }
}

/**
 * @param {Awaited<ReturnType<typeof startSystem>>} system
 * @param {number} seconds
 * @returns {Promise<Record<string, number[]>>} ms of each answer
 */
async function measure(system, seconds) {
  const { port } = system.gateway;
  const key = system.headers['x-api-key'];
  const of = (/** @type {string} */ path) => call({ port, path, key, perSecond: CALLS_PER_SECOND, seconds });
  const [livez, status, patch] = await Promise.all([of('/livez'), of('/status'), patches(system, seconds)]);
  return { 'GET /livez': livez, 'GET /status': status, 'PATCH of a project': patch };
}

/** One after another. @param {Awaited<ReturnType<typeof startSystem>>} system @param {number} seconds */
async function patches(system, seconds) {
  const times = [];
  const endsAt = performance.now() + seconds * 1_000;
  while (performance.now() < endsAt) {
    const sentAt = performance.now();
    await system.send('PATCH', '/api/v0/projects/admins', { readme: String(sentAt) });
    times.push(performance.now() - sentAt);
    await wait(200);
  }
  return times;
}

/** Runs a program that stands for another machine. @param {string} file @param {object} options @returns {Promise<unknown>} what it counted */
function start(file, options) {
  const child = fork(fileURLToPath(new URL(file, import.meta.url)));
  const pid = child.pid ?? 0;
  pinClient(pid);
  setPriority(pid, 19);
  child.send(options);
  return new Promise((resolve, reject) => {
    child.once('message', resolve);
    child.once('exit', (code) => reject(new Error(`${file} exited with ${code}`)));
  });
}
