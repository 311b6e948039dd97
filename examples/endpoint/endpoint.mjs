// A data source with an outbox: Signalbox polls it with signed requests. docs/messages.md says what becomes of the events.
import { createServer } from 'node:http';
import pg from 'pg';
import { fail, readPositionals } from '../lib/options.mjs';
import { postgresUrl } from '../lib/postgres-url.mjs';
import { eventsAfter, isCursor } from './events.mjs';
import { refusalOf } from './signature.mjs';

readPositionals(`Usage: node examples/endpoint/endpoint.mjs

  SHOP_URL               the database with outbox.sql
  ENDPOINT_SIGNING_KEY   what the datasource was registered with
  PORT                   where it listens on 127.0.0.1 (4000)`);

const largestBody = 64 * 1_024;
const key = process.env.ENDPOINT_SIGNING_KEY;
if (!key || !process.env.SHOP_URL) fail('Set SHOP_URL and ENDPOINT_SIGNING_KEY.');
const connectionString = postgresUrl('SHOP_URL');

const pool = new pg.Pool({ connectionString, max: 4, application_name: 'shop-endpoint' });
// A connection that is lost while it is not used; the next query opens another.
pool.on('error', () => {});

/** @returns {Promise<[status: number, body: object]>} */
async function answer(request) {
  if (request.method !== 'POST') return [405, { error: 'method_not_allowed' }];
  const text = await bodyOf(request);
  if (text === undefined) return [413, { error: 'body_too_large' }];
  const body = parsed(text);
  if (typeof body !== 'object' || body === null) return [400, { error: 'invalid_json' }];
  const refusal = refusalOf({ key, headers: request.headers, body: text });
  if (refusal !== undefined) return [401, { error: refusal }];
  if (['load', 'list', 'commit'].includes(body.type)) return [404, { error: `source_${body.type}_not_configured` }];
  if (body.type !== 'events') return [400, { error: 'unknown_source_request' }];
  // An empty page would look like the end of the events, for ever.
  if (!isCursor(body.cursor)) return [400, { error: 'invalid_cursor' }];
  return [200, await eventsAfter(pool, body)];
}

/** @returns {Promise<string | undefined>} undefined: it is too large */
async function bodyOf(request) {
  const chunks = [];
  let bytes = 0;
  for await (const chunk of request) {
    bytes += chunk.length;
    if (bytes > largestBody) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const server = createServer((request, response) => {
  void answer(request)
    .catch((error) => {
      console.error(`${new Date().toISOString()} failed: ${error.code ?? error.name}`);
      return [503, { error: 'unavailable' }];
    })
    .then(([status, body]) => {
      response.writeHead(status, { 'content-type': 'application/json', ...(status === 405 && { allow: 'POST' }) });
      response.end(JSON.stringify(body));
    });
});

const port = Number(process.env.PORT || 4000);
if (!Number.isInteger(port) || port < 0 || port > 65_535) fail('PORT: expected a number from 0 to 65535.');
server.once('error', (error) =>
  fail(`Port ${port} of 127.0.0.1 cannot be used (${error.code}). Set PORT to another one.`),
);
server.listen(port, '127.0.0.1', () => console.log(`listening on http://127.0.0.1:${server.address().port}`));
for (const signal of ['SIGINT', 'SIGTERM'])
  process.on(signal, () => {
    server.close(() => void pool.end());
    server.closeAllConnections();
  });
