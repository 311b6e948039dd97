// @ts-check
import { createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';

/**
 * @typedef {{ text: string, tls?: { key: string, cert: string }, except?: string[], isWatched?: boolean }} Options
 * `except`: the only paths that are not refused; `isWatched`: it answers `watchMessage`
 */

// The reference: node:http in a process of its own, sending the bytes it is given; with a certificate over TLS.
process.once('message', (/** @type {Options} */ options) => void serve(options));
// Also where the benchmark ends without stopping it.
process.once('disconnect', () => process.exit());

/** @param {Options} options */
async function serve({ text, tls, except, isWatched }) {
  if (isWatched) await import('./watched.mjs');
  const bytes = Buffer.from(text);
  /** @type {import('node:http').RequestListener} */
  const answer = (request, response) => {
    if (except !== undefined && !except.includes(request.url ?? '')) return refuse(request, response);
    response.setHeader('content-type', 'application/json').end(bytes);
  };
  const server = tls ? createTlsServer(tls, answer) : createServer(answer);
  server.listen({ port: 0, host: '127.0.0.1', backlog: 4_096 }, () => process.send?.(server.address()));
}

/** When it has read the body. @type {import('node:http').RequestListener} */
function refuse(request, response) {
  request.resume().once('end', () => response.writeHead(429, { 'content-type': 'application/json' }).end('{}'));
}
