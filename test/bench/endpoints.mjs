// @ts-check
import { Agent as HttpAgent, request as requestHttp } from 'node:http';
import { Agent as HttpsAgent, request as requestHttps } from 'node:https';
import { createLogger, systemClock } from '@signalbox/platform';
import { selfSigned } from '@signalbox/testing';
import { startPlain } from './http.mjs';
import { compare, report } from './measure.mjs';

/** @type {typeof import('../../apps/datasource-sync/dist/endpoint/index.js')} */
const { followEndpoint } = await import(
  new URL('../../apps/datasource-sync/dist/endpoint/index.js', import.meta.url).href
);

/** @typedef {{ url: URL, options: import('node:https').RequestOptions }} Target */

const ENDPOINTS = 2_000;
const INTERVAL_MS = 10_000;
const BURST = 2_000;
const IN_FLIGHT = 32;
const POLL = JSON.stringify({ type: 'events', cursor: 'evt_0123456789', limit: 500 });

/** Polling as one worker does it, beside `node:http` sending the same requests; and what it would bring to keep connections. */
export async function* endpoints() {
  const answer = Buffer.from(JSON.stringify({ events: [] }));
  const tls = selfSigned();
  const plain = await startPlain(answer);
  const secure = await startPlain(answer, { tls });
  const http = new URL(`http://localhost:${plain.port}/source`);
  const https = new URL(`https://localhost:${secure.port}/source`);
  const keptHttp = new HttpAgent({ keepAlive: true, maxSockets: IN_FLIGHT });
  const keptHttps = new HttpsAgent({ keepAlive: true, maxSockets: IN_FLIGHT, ca: tls.cert });
  try {
    yield* report(
      `${ENDPOINTS.toLocaleString('en')} endpoints polled every ${INTERVAL_MS / 1_000} s, a connection for each poll`,
      await compare(
        [
          { name: 'node:http', run: (count) => spread({ url: http, options: { agent: false } }, count) },
          { name: 'followEndpoint, signed and checked', run: (count) => follow(http, count) },
        ],
        ENDPOINTS,
      ),
    );
    yield* report(
      'one request after another, without a pause',
      await compare(
        [
          {
            name: 'node:http, a connection each',
            run: (count) => burst({ url: http, options: { agent: false } }, count),
          },
          {
            name: 'node:http, kept connections',
            run: (count) => burst({ url: http, options: { agent: keptHttp } }, count),
          },
          {
            name: 'node:https, a connection each',
            run: (count) => burst({ url: https, options: { agent: false, ca: tls.cert } }, count),
          },
          {
            name: 'node:https, kept connections',
            run: (count) => burst({ url: https, options: { agent: keptHttps } }, count),
          },
        ],
        BURST,
      ),
    );
    yield `  memory of the process: ${Math.round(process.memoryUsage().rss / 1_048_576)} MiB`;
  } finally {
    keptHttp.destroy();
    keptHttps.destroy();
    plain.stop();
    secure.stop();
  }
}

/** So many followers, until each has polled once: the first polls are spread over the interval. @param {URL} url @param {number} count */
async function follow(url, count) {
  const polled = new Set();
  /** @type {() => void} */
  let allPolled = () => undefined;
  const done = new Promise((resolve) => (allPolled = () => resolve(undefined)));
  const logger = createLogger({ name: 'bench', level: 'silent' });
  const followers = Array.from({ length: count }, (_, index) => {
    const id = `dse_${index}`;
    return followEndpoint(
      {
        id,
        connection: 'endpoint',
        fence: 1,
        version: 1,
        livemode: false,
        targets: { allowLoopback: true, allowPrivate: false },
        task: 'follow',
        position: { cursor: 'evt_0123456789', recent: [], newest_change_at: null },
        generation: 1,
        source: { url: url.href, signingKeys: ['sk_live_0123456789abcdefghijklmnopqrst'] },
        pollIntervalMs: INTERVAL_MS,
      },
      {
        clock: systemClock,
        logger,
        publish: () => Promise.resolve(),
        report: ({ endpoint }) => {
          if (endpoint?.last_success_at) polled.add(id);
          if (polled.size === count) allPolled();
        },
        attempt: () => undefined,
        released: () => undefined,
      },
    );
  });
  await done;
  await Promise.all(followers.map((follower) => follower.stop()));
}

/** So many requests at random times of an interval. @param {Target} target @param {number} count */
async function spread(target, count) {
  const requests = Array.from({ length: count }, async () => {
    await new Promise((resolve) => setTimeout(resolve, Math.random() * INTERVAL_MS));
    await post(target);
  });
  await Promise.all(requests);
}

/** @param {Target} target @param {number} count */
async function burst(target, count) {
  let left = count;
  const caller = async () => {
    while (left-- > 0) await post(target);
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, caller));
}

/** @param {Target} target @returns {Promise<void>} */
function post({ url, options }) {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json', 'content-length': String(POLL.length) };
    (url.protocol === 'https:' ? requestHttps : requestHttp)(
      url,
      { ...options, method: 'POST', headers },
      (response) => {
        /** @type {Buffer[]} */
        const chunks = [];
        response.on('data', (chunk) => chunks.push(chunk));
        response.on('end', () => {
          JSON.parse(Buffer.concat(chunks).toString());
          resolve();
        });
      },
    )
      .on('error', reject)
      .end(POLL);
  });
}
