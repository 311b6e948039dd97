// @ts-check
// Sends requests with well-formed keys that do not exist, at a fixed rate, over as many connections as it needs.
import { connect } from 'node:net';

/** @typedef {{ connections: number, batch: number, isReused: boolean, waits: boolean, bodyBytes: number }} Mode */
/** @typedef {{ port: number, perSecond: number, seconds: number, mode: Mode }} Options */
/** @typedef {{ sent: number, answered: Record<string, number>, closed: number }} Counts `closed`: connections that the server closed */

const KEYS = 10_000;
const TICK_MS = 2;

const { generateApiKey } = await import(new URL('../../apps/gateway/dist/access/api-key.js', import.meta.url).href);

process.once('message', (/** @type {Options} */ options) => {
  void guess(options).then((counts) => process.send?.(counts, () => process.exit()));
});

/** @param {Options} options @returns {Promise<Counts>} */
async function guess({ port, perSecond, seconds, mode }) {
  const batches = Array.from({ length: KEYS / mode.batch }, () =>
    Array.from({ length: mode.batch }, () => requestOf(mode.bodyBytes)).join(''),
  );
  const connections = new Connections(port, mode);
  const startedAt = performance.now();
  let due = 0;
  return new Promise((resolve) => {
    const timer = setInterval(() => {
      const elapsed = performance.now() - startedAt;
      const wanted = Math.floor((Math.min(elapsed, seconds * 1_000) * perSecond) / 1_000);
      for (; due + mode.batch <= wanted; due += mode.batch)
        connections.send(batches[(due / mode.batch) % batches.length]);
      if (elapsed < seconds * 1_000) return;
      clearInterval(timer);
      resolve(connections.counts);
    }, TICK_MS);
  });
}

/** Opens connections when no other is free, up to the limit of the mode. */
class Connections {
  /** @type {Counts} */
  counts = { sent: 0, answered: {}, closed: 0 };
  /** @type {import('node:net').Socket[]} */
  #free = [];
  #opened = 0;

  /** @param {number} port @param {Mode} mode */
  constructor(port, mode) {
    this.port = port;
    this.mode = mode;
  }

  /** Sends nothing where all connections wait for answers. @param {string} [batch] */
  send(batch = '') {
    const socket = this.#take();
    if (socket === undefined) return;
    this.counts.sent += this.mode.batch;
    socket.write(batch);
    if (!this.mode.waits) this.#free.unshift(socket);
  }

  #take() {
    for (let socket = this.#free.pop(); socket !== undefined; socket = this.#free.pop())
      if (!socket.destroyed) return socket;
    return this.#opened < this.mode.connections ? this.#open() : undefined;
  }

  #open() {
    this.#opened += 1;
    const socket = connect({ host: '127.0.0.1', port: this.port, noDelay: true });
    socket.on('data', (chunk) => {
      for (const [, status = ''] of chunk.toString('latin1').matchAll(/HTTP\/1\.1 (\d+)/g))
        this.counts.answered[status] = (this.counts.answered[status] ?? 0) + 1;
      if (!this.mode.isReused) socket.resetAndDestroy();
      else if (this.mode.waits) this.#free.push(socket);
    });
    socket.on('end', () => (this.counts.closed += 1));
    socket.on('error', () => (this.counts.closed += 1));
    socket.on('close', () => (this.#opened -= 1));
    return socket;
  }
}

/** @param {number} bodyBytes */
function requestOf(bodyBytes) {
  const key = `Host: guesses\r\nX-Api-Key: ${generateApiKey('live')}\r\n`;
  if (bodyBytes === 0) return `GET /v1/status HTTP/1.1\r\n${key}\r\n`;
  const body = JSON.stringify({ name: 'x'.repeat(bodyBytes) });
  return `POST /v1/keys HTTP/1.1\r\n${key}Content-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
}
