// @ts-check
import { fork } from 'node:child_process';
import { Agent, request } from 'node:http';
import { fileURLToPath } from 'node:url';
import { median } from './measure.mjs';

const CONNECTIONS = 16;
const ROUNDS = 5;

/**
 * Compares a path of a gateway with `node:http` sending the same bytes, in alternating rounds.
 * @param {{ title: string, port: number, path: string, headers: Record<string, string>, bytes: Buffer, requests: number }} options
 */
export async function* besidePlain({ title, port, path, headers, bytes, requests }) {
  const plainServer = fork(fileURLToPath(new URL('plain-server.mjs', import.meta.url)));
  plainServer.send(bytes.toString());
  const { port: rawPort } = await new Promise((resolve) => plainServer.once('message', resolve));
  const rates = { raw: /** @type {number[]} */ ([]), ours: /** @type {number[]} */ ([]) };
  for (let round = 0; round <= ROUNDS; round++) {
    const plain = await rate({ port: rawPort, path: '/', headers: {}, requests });
    const ours = await rate({ port, path, headers, requests });
    if (round === 0) continue;
    rates.raw.push(plain);
    rates.ours.push(ours);
  }
  plainServer.kill();
  yield `${title}, ${Math.round(bytes.length / 1024).toLocaleString('en')} KiB, ${CONNECTIONS} connections`;
  const [raw, ours] = [median(rates.raw), median(rates.ours)];
  const gateway = `gateway with its key check ${Math.round(ours)}/s; ${(ours / raw).toFixed(2)} of it`;
  yield `  node:http, the same bytes ${Math.round(raw)}/s; ${gateway}`;
}

/** @param {string} name @param {NodeJS.ProcessEnv} env */
export async function service(name, env) {
  const child = fork(fileURLToPath(new URL(`../../apps/${name}/bundle/main.js`, import.meta.url)), {
    env,
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  const ready = await new Promise((resolve, reject) => {
    child.once('message', resolve);
    void ended.then((code) => reject(new Error(`${name} ended with ${code}`)));
  });
  const stop = async () => {
    child.kill('SIGTERM');
    await ended;
  };
  return { port: /** @type {number} */ (/** @type {{ port: number }} */ (ready).port), pid: child.pid ?? 0, stop };
}

/** @param {{ port: number, path: string, headers: Record<string, string>, requests: number }} options @returns {Promise<number>} requests a second */
async function rate({ port, path, headers, requests }) {
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  const startedAt = performance.now();
  let left = requests;
  const worker = async () => {
    while (left-- > 0) await get({ port, path, headers, agent });
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, worker));
  agent.destroy();
  return requests / ((performance.now() - startedAt) / 1_000);
}

/** @param {{ port: number, path: string, headers: Record<string, string>, agent: Agent }} options */
function get({ port, path, headers, agent }) {
  return new Promise((resolve, reject) => {
    request({ host: '127.0.0.1', port, path, headers, agent }, (response) => {
      if (response.statusCode !== 200) reject(new Error(`answered ${response.statusCode}`));
      response.resume().on('end', () => resolve(undefined));
    })
      .on('error', reject)
      .end();
  });
}
