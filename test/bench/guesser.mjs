// @ts-check
// Sends requests with well-formed keys that do not exist, at a fixed rate, over connections that each wait for their answer.
import { connect } from 'node:net';

const CONNECTIONS = 200;
const KEYS = 10_000;
const TICK_MS = 2;

const { generateApiKey } = await import(new URL('../../apps/gateway/dist/access/api-key.js', import.meta.url).href);

const requests = Array.from({ length: KEYS }, () =>
  Buffer.from(`GET /v1/status HTTP/1.1\r\nHost: guesses\r\nX-Api-Key: ${generateApiKey('live')}\r\n\r\n`),
);

process.once('message', (/** @type {{ port: number, perSecond: number, seconds: number }} */ options) => {
  void guess(options).then((counts) => process.send?.(counts, () => process.disconnect()));
});

/** @param {{ port: number, perSecond: number, seconds: number }} options */
async function guess({ port, perSecond, seconds }) {
  const counts = { answered: /** @type {Record<string, number>} */ ({}), notSent: 0 };
  /** @type {import('node:net').Socket[]} */
  const free = [];
  const sockets = Array.from({ length: CONNECTIONS }, () => {
    const socket = connect({ host: '127.0.0.1', port, noDelay: true });
    socket.once('connect', () => free.push(socket));
    socket.on('data', (chunk) => {
      // An answer to a guess fits into one segment.
      const status = chunk.toString('latin1', 9, 12);
      counts.answered[status] = (counts.answered[status] ?? 0) + 1;
      free.push(socket);
    });
    return socket;
  });
  const startedAt = performance.now();
  let due = 0;
  await new Promise((resolve) => {
    const timer = setInterval(() => {
      const elapsed = performance.now() - startedAt;
      const wanted = Math.floor((Math.min(elapsed, seconds * 1_000) * perSecond) / 1_000);
      for (; due < wanted; due++) {
        const socket = free.pop();
        // All connections wait for answers: the gateway is slower than that.
        if (socket === undefined) counts.notSent += 1;
        else socket.write(requests[due % KEYS] ?? '');
      }
      if (elapsed < seconds * 1_000) return;
      clearInterval(timer);
      resolve(undefined);
    }, TICK_MS);
  });
  for (const socket of sockets) socket.destroy();
  return counts;
}
