// @ts-check
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
// @boundaries-ignore What is measured runs as `npm start` runs it.
import { nodeOptionsOf } from '../../scripts/lib/system/node-options.mjs';
import { median } from './measure.mjs';
import { pinServer, prefer, wrk } from './wrk.mjs';

const ROUNDS = 9;
const ROUND_SECONDS = 1;

/** @typedef {{ port: number, path: string, headers: Record<string, string> }} Target */
/** @typedef {{ requestsPerSecond: number, cpuUs: number }} Cost */

/**
 * Compares a path of a gateway with `node:http` sending a body of the same size, in alternating rounds; the first one warms up.
 * @param {{ title: string, gateway: { port: number, pid: number }, path: string, headers: Record<string, string> }} options
 */
export async function* besidePlain({ title, gateway, path, headers }) {
  const target = { port: gateway.port, path, headers };
  const bytes = await bodyOf(target);
  const plain = await startPlain(bytes);
  /** @type {{ raw: Cost, ours: Cost }[]} */
  const rounds = [];
  try {
    for (const { pid } of [plain, gateway]) {
      pinServer(pid);
      prefer(pid);
    }
    for (let round = 0; round <= ROUNDS; round++) {
      const raw = await cost(plain.pid, { port: plain.port, path: '/', headers });
      const ours = await cost(gateway.pid, target);
      if (round > 0) rounds.push({ raw, ours });
    }
  } finally {
    plain.stop();
  }
  // Ratios within a round: what else the machine does changes from round to round.
  const rate = median(rounds.map(({ raw, ours }) => ours.requestsPerSecond / raw.requestsPerSecond)).toFixed(2);
  const cpu = median(rounds.map(({ raw, ours }) => ours.cpuUs / raw.cpuUs)).toFixed(2);
  const raw = middle(rounds.map((round) => round.raw));
  const ours = middle(rounds.map((round) => round.ours));
  yield `${title.padEnd(44)} ${shownSize(bytes.length).padStart(9)}  rate ${rate}  CPU ${cpu} ×  (${shown(ours)}; node:http ${shown(raw)})`;
}

/**
 * A service as `npm start` runs it.
 * @param {string} name
 * @param {NodeJS.ProcessEnv} env
 * @param {string[]} [execArgv] of Node.js, besides
 * @param {'ignore' | 'pipe'} [stdout] where its log goes
 */
export async function service(name, env, execArgv = [], stdout = 'ignore') {
  const child = fork(fileURLToPath(new URL(`../../apps/${name}/bundle/main.js`, import.meta.url)), {
    env,
    execArgv: ['--enable-source-maps', ...nodeOptionsOf(name), ...execArgv],
    stdio: ['ignore', stdout, 'inherit', 'ipc'],
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
  const { port, managementPort } = /** @type {{ port: number, managementPort: number }} */ (ready);
  return { port, managementPort, pid: child.pid ?? 0, child, stop };
}

/**
 * A bare `node:http` that answers with the bytes.
 * @param {Buffer} bytes
 * @param {Omit<import('./plain-server.mjs').Options, 'text'>} [options]
 */
export async function startPlain(bytes, options = {}) {
  const child = fork(fileURLToPath(new URL('plain-server.mjs', import.meta.url)));
  child.send({ text: bytes.toString(), ...options });
  const { port } = await new Promise((resolve) => child.once('message', resolve));
  return { port: /** @type {number} */ (port), pid: child.pid ?? 0, child, stop: () => child.kill() };
}

/** @param {number} pid @param {Target} target @returns {Promise<Cost>} */
async function cost(pid, target) {
  const { requests, seconds, cpuSeconds } = await wrk({ ...target, pid, seconds: ROUND_SECONDS });
  return { requestsPerSecond: requests / seconds, cpuUs: (cpuSeconds / requests) * 1e6 };
}

/** @param {Target} target */
async function bodyOf({ port, path, headers }) {
  const response = await fetch(`http://127.0.0.1:${port}${path}`, { headers });
  if (response.status !== 200) throw new Error(`${path} answered ${response.status}`);
  return Buffer.from(await response.arrayBuffer());
}

/** @param {Cost[]} costs @returns {Cost} */
const middle = (costs) => ({
  requestsPerSecond: median(costs.map(({ requestsPerSecond }) => requestsPerSecond)),
  cpuUs: median(costs.map(({ cpuUs }) => cpuUs)),
});

/** @param {Cost} cost */
const shown = ({ requestsPerSecond, cpuUs }) =>
  `${Math.round(requestsPerSecond).toLocaleString('en')}/s, ${cpuUs.toFixed(1)} µs`;

/** @param {number} bytes */
const shownSize = (bytes) => (bytes < 10_000 ? `${bytes} B` : `${Math.round(bytes / 1_024).toLocaleString('en')} KiB`);
