// @ts-check
// Does with one key what could keep others from the gateway: as many requests of each kind as it holds open, again as soon as one is answered.
import { Agent, request } from 'node:http';
import { connect } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';

/** @typedef {{ port: number, key: string, silentPort: number, seconds: number }} Options */

const IDLE_CONNECTIONS = 500;
/** After a refusal: a client that does not wait at all is limited by its own machine. */
const PAUSE_MS = 100;

process.once('message', (/** @type {Options} */ options) => {
  void starve(options).then((counts) => process.send?.(counts, () => process.exit()));
});

/** @param {Options} options @returns {Promise<Record<string, Record<string, number>>>} answers by kind and status */
async function starve({ port, key, silentPort, seconds }) {
  const agent = new Agent({ keepAlive: true });
  const endsAt = performance.now() + seconds * 1_000;
  const test = JSON.stringify({ type: 'postgres', postgresConnection: { host: '127.0.0.1', port: silentPort } });
  const large = JSON.stringify({ readme: 'x'.repeat(2_000_000) });
  const kinds = {
    waits: { count: 800, method: 'GET', path: '/healthz?wait=60', body: undefined },
    tests: { count: 400, method: 'POST', path: '/api/v0/connections/test', body: test },
    bodies: { count: 8, method: 'PATCH', path: '/api/v0/projects/managers', body: large },
  };
  for (let opened = 0; opened < IDLE_CONNECTIONS; opened += 1) connect(port, '127.0.0.1').on('error', () => undefined);
  /** @type {Record<string, Record<string, number>>} */
  const counts = {};
  for (const [kind, { count, ...asked }] of Object.entries(kinds)) {
    const answered = (counts[kind] = /** @type {Record<string, number>} */ ({}));
    for (let number = 0; number < count; number += 1)
      void (async () => {
        while (performance.now() < endsAt) {
          const status = await send({ ...asked, port, key, agent });
          answered[status] = (answered[status] ?? 0) + 1;
          if (status !== '200') await wait(PAUSE_MS);
        }
      })();
  }
  await wait(endsAt - performance.now());
  return counts;
}

/**
 * @param {{ port: number, method: string, path: string, body: string | undefined, key: string, agent: Agent }} options
 * @returns {Promise<string>} the status, or the code of what went wrong
 */
function send({ port, method, path, body, key, agent }) {
  const headers = { 'x-api-key': key, ...(body !== undefined && { 'content-type': 'application/json' }) };
  return new Promise((resolve) => {
    const sent = request({ host: '127.0.0.1', port, method, path, headers, agent }, (response) => {
      response.resume().on('end', () => resolve(String(response.statusCode)));
    });
    sent.on('error', (error) => resolve(/** @type {NodeJS.ErrnoException} */ (error).code ?? error.message));
    sent.end(body);
  });
}
