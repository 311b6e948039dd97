import { randomUUID } from 'node:crypto';
import Fastify, { type FastifyError, type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import type { Health } from './health.js';
import { buildVersion, release } from './build.js';
import { mostManagementConnections } from './open-files-limit.js';
import { explainListenError } from './listen-error.js';
import { listenOn } from './listen-on.js';
import type { Logger } from './logger.js';
import type { Metrics } from './metrics/metrics.js';
import { PROBLEM_CONTENT_TYPE, problem } from './problem.js';

export interface ManagementServerOptions {
  readonly host: string;
  /** 0 = any free port. */
  readonly port: number;
  readonly health: Health;
  readonly metrics: Metrics;
  readonly logger: Logger;
  /** False: `/metrics` does not exist. */
  readonly enableMetrics?: boolean;
  /** Adds routes of the service, also without a key. */
  readonly routes?: (app: FastifyInstance) => void;
}

export interface ManagementServer {
  readonly port: number;
  close(): Promise<void>;
}

/** From the begin of a connection or a request to the end of the request. */
const REQUEST_TIMEOUT_MS = 10_000;

const VARIABLES = { host: 'SIGNALBOX_MANAGEMENT_HOST', port: 'SIGNALBOX_MANAGEMENT_PORT' };

/**
 * Serves `/livez` (the event loop runs; `?verbose` shows which release), `/readyz` (200 or 503; `?verbose` shows each check) and `/metrics` without a key.
 * Errors are RFC 9457 bodies. Rejects with a ConfigError if the address is not available.
 */
export async function startManagementServer(options: ManagementServerOptions): Promise<ManagementServer> {
  const { host, port, health, metrics, logger } = options;
  const app = Fastify({
    requestTimeout: REQUEST_TIMEOUT_MS,
    // As the gateway: ids of readers have up to 200 characters, each up to three when URL-encoded.
    routerOptions: { maxParamLength: 1_000 },
    http: { headersTimeout: REQUEST_TIMEOUT_MS, connectionsCheckingInterval: 1_000 },
    genReqId: () => randomUUID(),
    frameworkErrors: (error, request, reply) => void sendError({ error, request, reply, logger }),
  });
  app.server.maxConnections = mostManagementConnections();
  app.setErrorHandler((error: FastifyError, request, reply) => sendError({ error, request, reply, logger }));
  app.setNotFoundHandler((request, reply) => sendNoSuchRoute(app, request, reply));

  app.get<{ Querystring: Record<string, unknown> }>('/livez', ({ query }) => ({
    status: 'ok',
    ...('verbose' in query && { release, version: buildVersion(import.meta.url) }),
  }));
  app.get<{ Querystring: Record<string, unknown> }>('/readyz', (request, reply) => {
    const report = health.report();
    reply.code(report.status === 'ready' ? 200 : 503).header('cache-control', 'no-store');
    return 'verbose' in request.query ? report : { status: report.status };
  });
  if (options.enableMetrics !== false) {
    app.get('/metrics', async (_request, reply) => reply.type(metrics.contentType).send(await metrics.text()));
  }
  options.routes?.(app);

  try {
    const listening = await listenOn(app, { host, port });
    return {
      port: listening.port,
      close() {
        listening.stop();
        return app.close();
      },
    };
  } catch (error) {
    await app.close();
    throw explainListenError(error, { host, port, variables: VARIABLES });
  }
}

function sendNoSuchRoute(app: FastifyInstance, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const path = request.url.split('?', 1)[0] ?? '/';
  const allowed = app.supportedMethods.filter((method) => app.hasRoute({ method, url: path }));
  const [status, code] = allowed.length > 0 ? [405, 'method_not_allowed'] : [404, 'not_found'];
  if (allowed.length > 0) reply.header('allow', allowed.join(', '));
  return sendProblem(reply, {
    status,
    code,
    detail: `There is no ${request.method} ${path} here.`,
    request_id: request.id,
  });
}

interface FailedRequest {
  readonly error: FastifyError;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly logger: Logger;
}

function sendError({ error, request, reply, logger }: FailedRequest): FastifyReply {
  const status = error.statusCode ?? 500;
  if (status < 500)
    return sendProblem(reply, { status, code: 'bad_request', detail: error.message, request_id: request.id });
  logger.error({ err: error, request_id: request.id, path: request.url }, 'management request failed');
  return sendProblem(reply, { status, code: 'internal_server_error', request_id: request.id });
}

/** Answers with a problem body. */
export function sendProblem(reply: FastifyReply, options: Parameters<typeof problem>[0]): FastifyReply {
  // Sent as bytes: Fastify adds a charset to the type of a text, and this media type has none.
  return reply
    .code(options.status)
    .header('content-type', PROBLEM_CONTENT_TYPE)
    .send(Buffer.from(JSON.stringify(problem(options))));
}
