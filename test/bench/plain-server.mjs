// @ts-check
import { createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';

// The reference: node:http in a process of its own, sending the bytes it is given; with a certificate over TLS.
process.once('message', (/** @type {{ text: string, tls?: { key: string, cert: string } }} */ { text, tls }) => {
  const bytes = Buffer.from(text);
  /** @type {import('node:http').RequestListener} */
  const answer = (_request, response) => response.setHeader('content-type', 'application/json').end(bytes);
  const server = tls ? createTlsServer(tls, answer) : createServer(answer);
  server.listen(0, '127.0.0.1', () => process.send?.(server.address()));
});
