// @ts-check
import { fork } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { setPriority, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { testBroker, testDatabase } from '@signalbox/testing';
import { service, startPlain } from './http.mjs';
import { at, call, ms } from './calls.mjs';
import { cpuSecondsOf } from '../support/processes.mjs';
import { pinClient, pinServer } from './wrk.mjs';

const GUESSES_PER_SECOND = 10_000;
const GUESSING_SECONDS = Number(process.env.GUESSING_SECONDS ?? 60);
const QUIET_SECONDS = 10;
const CALLS_PER_SECOND = 100;
const MOST_TIMES_QUIET = 2;

/**
 * What programs that guess do. The gateway lets 10,000 connections wait, where it may open twice as many files; beyond that it has to reset
 * each at once. @type {Record<string, import('./guesser.mjs').Mode & { isBeyond?: true }>} `isBeyond`: may slow a caller down
 */
const MODES = {
  'few connections': { connections: 200, batch: 1, isReused: true, waits: true, bodyBytes: 0 },
  'many connections': { connections: 5_000, batch: 1, isReused: true, waits: true, bodyBytes: 0 },
  'a connection each': { connections: 5_000, batch: 1, isReused: false, waits: true, bodyBytes: 0 },
  'with bodies': { connections: 5_000, batch: 1, isReused: true, waits: true, bodyBytes: 1_000 },
  pipelined: { connections: 200, batch: 20, isReused: true, waits: false, bodyBytes: 0 },
  'too many connections': { connections: 15_000, batch: 1, isReused: true, waits: true, bodyBytes: 0, isBeyond: true },
};
const wanted = process.env.GUESSING_MODES?.split(',') ?? Object.keys(MODES);

/** @typedef {{ port: number, pid: number }} Server */

/**
 * `GET /v1/status` with a valid key, while another program at the same address guesses keys: its p99 beside that of the quiet seconds before
 * and after. `elsewhere`: the same guesses at a bare `node:http` in another process, which shows what their sender costs on this machine.
 * `GUESSING_MODES` (names with commas between them) and `GUESSING_SECONDS` make it shorter.
 * @throws where guesses raise the p99 above twice its quiet value, or twice the one beside the same guesses elsewhere if that is larger
 */
export async function* guesses() {
  const home = mkdtempSync(join(tmpdir(), 'signalbox-bench-'));
  const broker = await testBroker();
  const database = await testDatabase();
  const keyFile = join(home, 'admin.key');
  const gateway = await service('gateway', {
    PATH: process.env.PATH,
    RABBITMQ_URL: broker.url,
    BROKER_SENDERS: 'unchecked',
    DATABASE_URL: database.url,
    LOG_LEVEL: 'warn',
    SIGNALBOX_MANAGEMENT_PORT: '0',
    PORT: '0',
    SIGNALBOX_ADMIN_KEY_FILE: keyFile,
  });
  const plain = await startPlain(Buffer.alloc(300, 'x'));
  const slowed = [];
  try {
    pinServer(gateway.pid);
    const caller = { port: gateway.port, path: '/v1/status', key: readFileSync(keyFile, 'utf8').trim() };
    await untilReady(caller);
    await call({ ...caller, perSecond: CALLS_PER_SECOND, seconds: 5 });
    yield `GET /v1/status, ${CALLS_PER_SECOND} calls a second, beside ${GUESSES_PER_SECOND.toLocaleString('en')} guesses a second for ${GUESSING_SECONDS} s`;
    for (const name of wanted) {
      const mode = MODES[name];
      if (mode === undefined) throw new Error(`No mode "${name}": there are ${Object.keys(MODES).join(', ')}`);
      const before = await call({ ...caller, perSecond: CALLS_PER_SECOND, seconds: QUIET_SECONDS });
      const during = await beside(caller, { target: gateway, mode, seconds: GUESSING_SECONDS });
      // Until the guesses that are under way are done with.
      await call({ ...caller, perSecond: CALLS_PER_SECOND, seconds: 5 });
      const after = await call({ ...caller, perSecond: CALLS_PER_SECOND, seconds: QUIET_SECONDS });
      const elsewhere = await beside(caller, { target: plain, mode, seconds: QUIET_SECONDS });
      await call({ ...caller, perSecond: CALLS_PER_SECOND, seconds: 5 });
      const quiet = [...before, ...after];
      const ratio = at(during.times, 0.99) / at(quiet, 0.99);
      const machine = at(elsewhere.times, 0.99) / at(quiet, 0.99);
      // What the guesser costs on the same machine is not the gateway's.
      if (!(ratio <= MOST_TIMES_QUIET * Math.max(1, machine)) && !mode.isBeyond) slowed.push(name);
      yield `  ${name}: p99 ${ratio.toFixed(2)} × quiet (elsewhere ${machine.toFixed(2)} ×)`;
      yield `    quiet p50 ${ms(quiet, 0.5)} p99 ${ms(quiet, 0.99)} ms; with guesses p50 ${ms(during.times, 0.5)} p99 ${ms(during.times, 0.99)} ms`;
      yield `    ${during.sent}`;
    }
  } finally {
    plain.stop();
    await gateway.stop();
    await broker.remove();
    await database.remove();
    rmSync(home, { recursive: true, force: true });
  }
  if (slowed.length > 0) throw new Error(`Guesses slowed a legitimate caller down: ${slowed.join(', ')}`);
}

/** @param {{ port: number, key: string }} caller */
async function untilReady({ port, key }) {
  const headers = { 'x-api-key': key };
  while ((await fetch(`http://127.0.0.1:${port}/v1/status`, { headers })).status !== 200)
    await new Promise((resolve) => setTimeout(resolve, 100));
}

/**
 * Calls while another process guesses at the target.
 * @param {{ port: number, path: string, key: string }} caller
 * @param {{ target: Server, mode: import('./guesser.mjs').Mode, seconds: number }} options
 */
async function beside(caller, { target, mode, seconds }) {
  const guesser = fork(fileURLToPath(new URL('guesser.mjs', import.meta.url)));
  const pid = guesser.pid ?? 0;
  // It stands for another machine: it must take no time from the gateway and its caller.
  pinClient(pid);
  setPriority(pid, 19);
  const ended = new Promise((resolve) => guesser.once('exit', resolve));
  const cpuBefore = cpuSecondsOf(target.pid);
  /** @type {Promise<[import('./guesser.mjs').Counts, number, number]>} */
  const guessing = new Promise((resolve) =>
    guesser.once('message', (counts) =>
      resolve([/** @type {any} */ (counts), cpuSecondsOf(pid), cpuSecondsOf(target.pid) - cpuBefore]),
    ),
  );
  guesser.send({ port: target.port, perSecond: GUESSES_PER_SECOND, seconds, mode });
  const times = await call({ ...caller, perSecond: CALLS_PER_SECOND, seconds });
  const [{ sent, answered, closed }, guesserCpu, cpu] = await guessing;
  await ended;
  const share = Math.round((sent / seconds / GUESSES_PER_SECOND) * 100);
  return {
    times,
    sent: `${share} % of the guesses sent, ${JSON.stringify(answered)} answered, ${closed} connections closed; CPU: gateway ${percent(cpu, seconds)}, guesser ${percent(guesserCpu, seconds)}`,
  };
}

/** @param {number} cpuSeconds @param {number} seconds */
const percent = (cpuSeconds, seconds) => `${Math.round((cpuSeconds / seconds) * 100)} %`;
