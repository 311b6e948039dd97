// @ts-check
// Endpoints of many datasources, one path each, in a process of their own. Each adds one event every few polls. Reports what a
// datasource must never see: two requests at once, a request of a process that was overtaken, a bad signature.
import { createServer } from 'node:http';
import { Webhook } from 'standardwebhooks';

const SLOWEST_MS = 200;

/** @typedef {{ open: number, fence: number, polls: number, lastAt: number, shortestMs: number, longestMs: number }} Endpoint */

/** @type {Map<string, Endpoint>} */
const endpoints = new Map();
/** @type {Record<string, number>} */
const wrong = { overlapping: 0, overtaken: 0, unsigned: 0 };

const server = createServer((request, response) => {
  const path = request.url ?? '';
  const endpoint = endpoints.get(path) ?? {
    open: 0,
    fence: 0,
    polls: 0,
    lastAt: 0,
    shortestMs: Infinity,
    longestMs: 0,
  };
  endpoints.set(path, endpoint);
  const fence = Number(request.headers['x-signalbox-fence']);
  if (endpoint.open > 0) wrong.overlapping += 1;
  if (!(fence >= endpoint.fence)) wrong.overtaken += 1;
  endpoint.fence = Math.max(endpoint.fence, fence || 0);
  endpoint.open += 1;
  request.once('close', () => (endpoint.open -= 1));
  let body = '';
  request.on('data', (chunk) => (body += chunk));
  request.on('end', () => {
    try {
      const headers = /** @type {Record<string, string>} */ (request.headers);
      new Webhook(`key of ${path}`, { format: 'raw' }).verify(body, headers);
    } catch {
      wrong.unsigned += 1;
    }
    answer(endpoint, body, response);
  });
});

/** @param {Endpoint} endpoint @param {string} body @param {import('node:http').ServerResponse} response */
function answer(endpoint, body, response) {
  const now = performance.now();
  const { cursor = '0' } = JSON.parse(body);
  // A page that comes at once after another one is no poll of its own.
  if (endpoint.lastAt > 0 && now - endpoint.lastAt > 1_000) {
    endpoint.shortestMs = Math.min(endpoint.shortestMs, now - endpoint.lastAt);
    endpoint.longestMs = Math.max(endpoint.longestMs, now - endpoint.lastAt);
  }
  endpoint.lastAt = now;
  endpoint.polls += 1;
  const next = Math.floor(endpoint.polls / 5);
  const events =
    next > Number(cursor)
      ? [{ id: `event-${next}`, model: 'orders', entityId: String(next), type: 'CREATE', data: { nr: next } }]
      : [];
  const text = JSON.stringify({ events, ...(events.length > 0 && { nextCursor: String(next) }) });
  setTimeout(() => {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(text);
  }, Math.random() * SLOWEST_MS);
}

server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', 4_096, () => {
  const address = server.address();
  process.send?.({ port: typeof address === 'object' ? address?.port : undefined });
});

process.on('message', () => {
  const now = performance.now();
  const all = [...endpoints.values()];
  const report = {
    wrong,
    endpoints: all.length,
    polls: all.reduce((sum, { polls }) => sum + polls, 0),
    shortestMs: Math.min(...all.map(({ shortestMs }) => shortestMs)),
    longestMs: Math.max(...all.map(({ longestMs }) => longestMs)),
    longestSilentMs: Math.max(...all.map(({ lastAt }) => now - lastAt)),
  };
  // From now on is another period.
  for (const endpoint of all) Object.assign(endpoint, { shortestMs: Infinity, longestMs: 0 });
  process.send?.(report);
});
process.once('disconnect', () => process.exit(0));
