// @ts-check
import { fork } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { testBroker, testDatabase } from '@signalbox/testing';
import { service } from './http.mjs';

const GUESSES_PER_SECOND = 10_000;
const GUESSING_SECONDS = 60;
const QUIET_SECONDS = 20;
const CALLS_PER_SECOND = 100;

/** `GET /v1/status` with a valid key, while another program at the same address guesses keys: its p99 beside that of the quiet seconds before and after. */
export async function* guesses() {
  const home = mkdtempSync(join(tmpdir(), 'signalbox-bench-'));
  const broker = await testBroker();
  const database = await testDatabase();
  const keyFile = join(home, 'admin.key');
  const gateway = await service('gateway', {
    PATH: process.env.PATH,
    RABBITMQ_URL: broker.url,
    DATABASE_URL: database.url,
    LOG_LEVEL: 'warn',
    SIGNALBOX_MANAGEMENT_PORT: '0',
    PORT: '0',
    SIGNALBOX_ADMIN_KEY_FILE: keyFile,
  });
  try {
    const caller = { port: gateway.port, key: readFileSync(keyFile, 'utf8').trim() };
    await untilReady(caller);
    await call({ ...caller, seconds: 5 });
    const before = await call({ ...caller, seconds: QUIET_SECONDS });
    const cpuBefore = cpuMsOf(gateway.pid);
    const [during, { answered, notSent }] = await Promise.all([
      call({ ...caller, seconds: GUESSING_SECONDS }),
      guessing(gateway.port),
    ]);
    const cpuMs = cpuMsOf(gateway.pid) - cpuBefore;
    const after = await call({ ...caller, seconds: QUIET_SECONDS });
    const sent = Object.values(answered).reduce((sum, count) => sum + count, 0);
    const quiet = [...before, ...after];
    yield `GET /v1/status, ${CALLS_PER_SECOND} calls a second, and ${GUESSES_PER_SECOND.toLocaleString('en')} guesses a second for ${GUESSING_SECONDS} s`;
    yield `  quiet          p50 ${ms(quiet, 0.5)} ms  p99 ${ms(quiet, 0.99)} ms`;
    yield `  with guesses   p50 ${ms(during, 0.5)} ms  p99 ${ms(during, 0.99)} ms; p99 ${(at(during, 0.99) / at(quiet, 0.99)).toFixed(2)} × quiet`;
    yield `  guesses        ${Math.round(sent / GUESSING_SECONDS).toLocaleString('en')}/s answered ${JSON.stringify(answered)}, ${notSent} not sent; at most ${((cpuMs * 1_000) / sent).toFixed(1)} µs CPU of the gateway each`;
  } finally {
    await gateway.stop();
    await broker.remove();
    await database.remove();
    rmSync(home, { recursive: true, force: true });
  }
}

/** @param {{ port: number, key: string }} caller */
async function untilReady({ port, key }) {
  const headers = { 'x-api-key': key };
  while ((await fetch(`http://127.0.0.1:${port}/v1/status`, { headers })).status !== 200)
    await new Promise((resolve) => setTimeout(resolve, 100));
}

/** @param {number} port @returns {Promise<{ answered: Record<string, number>, notSent: number }>} */
function guessing(port) {
  const guesser = fork(fileURLToPath(new URL('guesser.mjs', import.meta.url)));
  guesser.send({ port, perSecond: GUESSES_PER_SECOND, seconds: GUESSING_SECONDS });
  return new Promise((resolve) => guesser.once('message', resolve));
}

/**
 * Calls at a fixed rate, whether or not earlier calls were answered.
 * @param {{ port: number, key: string, seconds: number }} options
 * @returns {Promise<number[]>} ms from each call to its answer
 */
async function call({ port, key, seconds }) {
  const agent = new Agent({ keepAlive: true });
  const startedAt = performance.now();
  const answers = Array.from({ length: seconds * CALLS_PER_SECOND }, async (_, index) => {
    const dueAt = startedAt + (index * 1_000) / CALLS_PER_SECOND;
    await new Promise((resolve) => setTimeout(resolve, dueAt - performance.now()));
    const sentAt = performance.now();
    await get({ port, key, agent });
    return performance.now() - sentAt;
  });
  const times = await Promise.all(answers);
  agent.destroy();
  return times;
}

/** @param {{ port: number, key: string, agent: Agent }} options @returns {Promise<void>} */
function get({ port, key, agent }) {
  return new Promise((resolve, reject) => {
    request({ host: '127.0.0.1', port, path: '/v1/status', headers: { 'x-api-key': key }, agent }, (response) => {
      if (response.statusCode !== 200) reject(new Error(`answered ${response.statusCode}`));
      response.resume().on('end', resolve);
    })
      .on('error', reject)
      .end();
  });
}

/** User and system time of a process. @param {number} pid */
function cpuMsOf(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

/** @param {number[]} times @param {number} share */
const at = (times, share) => times.toSorted((a, b) => a - b)[Math.floor(times.length * share)] ?? NaN;

/** @param {number[]} times @param {number} share */
const ms = (times, share) => at(times, share).toFixed(2);
