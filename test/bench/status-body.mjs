// @ts-check
import { fork } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { testBroker, testDatabase } from '@signalbox/testing';
import { connect } from 'amqplib';
import { median } from './measure.mjs';

const READERS = 1_000;
const REQUESTS = 4_000;
const CONNECTIONS = 16;
const ROUNDS = 5;

/** `GET /status` of a real gateway beside `node:http` sending the same bytes; requests per second, taken in turn. */
export async function* statusBody() {
  const home = mkdtempSync(join(tmpdir(), 'signalbox-bench-'));
  const broker = await testBroker();
  const database = await testDatabase();
  const env = { PATH: process.env.PATH, RABBITMQ_URL: broker.url, DATABASE_URL: database.url, LOG_LEVEL: 'warn', SIGNALBOX_MANAGEMENT_PORT: '0' };
  const heartbeat = await service('reader-heartbeat', env);
  const keyFile = join(home, 'admin.key');
  const gateway = await service('gateway', { ...env, PORT: '0', SIGNALBOX_ADMIN_KEY_FILE: keyFile });
  try {
    const headers = { 'x-api-key': readFileSync(keyFile, 'utf8').trim() };
    await beat(broker.url);
    const bytes = await untilAll(gateway.port, headers);
    const plainServer = fork(fileURLToPath(new URL('plain-server.mjs', import.meta.url)));
    plainServer.send(bytes.toString());
    const { port: rawPort } = await new Promise((resolve) => plainServer.once('message', resolve));
    const rates = { raw: /** @type {number[]} */ ([]), ours: /** @type {number[]} */ ([]) };
    for (let round = 0; round <= ROUNDS; round++) {
      const plain = await rate(rawPort, {});
      const ours = await rate(gateway.port, headers);
      if (round === 0) continue;
      rates.raw.push(plain);
      rates.ours.push(ours);
    }
    yield `GET /status, ${READERS.toLocaleString('en')} readers, ${Math.round(bytes.length / 1024)} KiB, ${CONNECTIONS} connections`;
    yield `  node:http, the same bytes ${Math.round(median(rates.raw))}/s; gateway with its key check ${Math.round(median(rates.ours))}/s; ${(median(rates.ours) / median(rates.raw)).toFixed(2)} of it`;
    plainServer.kill();
  } finally {
    for (const each of [gateway, heartbeat]) await each.stop();
    await broker.remove();
    await database.remove();
    rmSync(home, { recursive: true, force: true });
  }
}

/** @param {string} name @param {NodeJS.ProcessEnv} env */
async function service(name, env) {
  const child = fork(fileURLToPath(new URL(`../../apps/${name}/dist/main.js`, import.meta.url)), { env, stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  const ready = await new Promise((resolve, reject) => {
    child.once('message', resolve);
    void ended.then((code) => reject(new Error(`${name} ended with ${code}`)));
  });
  const stop = async () => {
    child.kill('SIGTERM');
    await ended;
  };
  return { port: /** @type {number} */ (/** @type {{ port: number }} */ (ready).port), stop };
}

/** @param {string} url */
async function beat(url) {
  const connection = await connect(url);
  const channel = await connection.createConfirmChannel();
  const beats = Array.from({ length: READERS }, (_, index) => ({
    reader_id: `reader-${index}`, state: 'ready', consumer_name: `reader-${index}`, consumer_groups: ['primary'], model_name: 'llama-3-70b',
    model_type: 'chat', device: 'cuda', pids: [index], heartbeat_wait_interval: 3_600,
  }));
  channel.publish('signalbox.heartbeats', 'bench', Buffer.from(JSON.stringify(beats)), { contentType: 'application/json' });
  await channel.waitForConfirms();
  await connection.close();
}

/** @param {number} port @param {Record<string, string>} headers @returns {Promise<Buffer>} the body once all readers are in it */
async function untilAll(port, headers) {
  for (;;) {
    const response = await fetch(`http://127.0.0.1:${port}/status`, { headers });
    const text = await response.text();
    if (text.split('"heartbeat_timestamp"').length > READERS) return Buffer.from(text);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** @param {number} port @param {Record<string, string>} headers @returns {Promise<number>} requests a second */
async function rate(port, headers) {
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  const startedAt = performance.now();
  let left = REQUESTS;
  const worker = async () => {
    while (left-- > 0) await get(port, headers, agent);
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, worker));
  agent.destroy();
  return REQUESTS / ((performance.now() - startedAt) / 1_000);
}

/** @param {number} port @param {Record<string, string>} headers @param {Agent} agent */
function get(port, headers, agent) {
  return new Promise((resolve, reject) => {
    request({ host: '127.0.0.1', port, path: '/status', headers, agent }, (response) => {
      if (response.statusCode !== 200) reject(new Error(`answered ${response.statusCode}`));
      response.resume().on('end', () => resolve(undefined));
    }).on('error', reject).end();
  });
}
