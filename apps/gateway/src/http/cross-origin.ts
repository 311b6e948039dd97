import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AccessLog } from './access-log.js';
import type { HttpMetrics } from './http.metrics.js';
import { takeFirst } from './take-first.js';

/** In place of the route template, which is not looked up. */
const PREFLIGHT_ROUTE = '(preflight)';
const METHODS = 'GET, HEAD, POST, PUT, PATCH, DELETE';
/** What a page can read of an answer beside its body, its type and its status. */
const EXPOSED = [
  'ETag',
  'Location',
  'Retry-After',
  'X-Request-Id',
  'X-RateLimit-Limit',
  'X-RateLimit-Remaining',
  'X-RateLimit-Reset',
  'RateLimit',
  'RateLimit-Policy',
].join(', ');
/** How long a browser need not ask again. */
const PREFLIGHT_SECONDS = '600';

export interface CrossOriginOptions {
  /** Exactly as browsers send them. */
  readonly origins: readonly string[];
  readonly metrics: HttpMetrics;
  readonly accessLog?: AccessLog | undefined;
}

/**
 * Lets pages of these origins call the API from a browser. The headers are set before anything answers: a plugin of Fastify would not see
 * hot answers and early refusals. Nothing is permitted that a program could not do: each request is still identified, and a request
 * with the cookie of a session is still refused where another page sent it.
 */
export function allowOrigins(server: Server, { origins, metrics, accessLog }: CrossOriginOptions): void {
  if (origins.length === 0) return;
  const allowed = new Set(origins);
  const observe = metrics.seriesOf(PREFLIGHT_ROUTE);
  takeFirst(server, (request, response) => {
    const { origin } = request.headers;
    response.setHeader('vary', 'Origin');
    if (origin === undefined || !allowed.has(origin)) return false;
    response.setHeader('access-control-allow-origin', origin);
    response.setHeader('access-control-allow-credentials', 'true');
    if (!isPreflight(request)) {
      response.setHeader('access-control-expose-headers', EXPOSED);
      return false;
    }
    const startedAt = performance.now();
    permit(request, response);
    if (!server.listening) response.shouldKeepAlive = false;
    response.end();
    const [status, ms] = [response.statusCode, performance.now() - startedAt];
    observe('OPTIONS', status).observe(ms / 1_000);
    accessLog?.write(request, {
      route: PREFLIGHT_ROUTE,
      status,
      ms,
      bytes: 0,
      keyId: undefined,
      requestId: undefined,
    });
    return true;
  });
}

/** The browser asks before it sends the request itself, and sends no credential. */
const isPreflight = ({ method, headers }: IncomingMessage): boolean =>
  method === 'OPTIONS' && headers['access-control-request-method'] !== undefined;

function permit({ headers }: IncomingMessage, response: ServerResponse): void {
  response.statusCode = 204;
  response.setHeader('access-control-allow-methods', METHODS);
  response.setHeader('access-control-max-age', PREFLIGHT_SECONDS);
  const asked = headers['access-control-request-headers'];
  if (asked === undefined) return;
  response.setHeader('access-control-allow-headers', asked);
  response.setHeader('vary', 'Origin, Access-Control-Request-Headers');
}
