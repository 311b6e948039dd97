import helmet, { type FastifyHelmetOptions } from '@fastify/helmet';
import type { DynamicModule } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { NestLogger } from '@signalbox/nest-service';
import { runInTrace, type Logger } from '@signalbox/platform';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { serveDocs } from './docs/openapi.js';
import { refuseEarly } from './early-refusal.js';
import { ErrorReply } from './error-reply.js';
import { RouteTable } from './route-table.js';
import { toApiError, unsupportedMediaType } from './errors/to-api-error.js';
import { holdContinue, permitBody } from './expect-continue.js';
import { hideBody, ignoresBody } from './ignored-body.js';
import { RequestAuthentication } from './request-authentication.js';
import { newRequestId } from './request-id.js';
import { RequestLimits } from './request-limits.js';
import { RoutePolicies } from './route-policies.js';
import { declaresBody, UnreadBodies } from './unread-body.js';

export interface HttpServerOptions {
  readonly root: DynamicModule;
  readonly bodyLimit: number;
  readonly version: string;
  readonly logger: Logger;
}

/**
 * For the one page that a browser shows; API answers need none of these headers. The page has inline styles. It may be
 * served over plain HTTP inside a network: a proxy that terminates TLS adds HSTS.
 */
const DOCS_PAGE_HEADERS: FastifyHelmetOptions = {
  global: false,
  strictTransportSecurity: false,
  contentSecurityPolicy: { directives: { styleSrc: ["'self'", "'unsafe-inline'"], upgradeInsecureRequests: null } },
};

/** The gateway's HTTP server, ready to listen: request ids, security headers, authentication and limits before all else, docs. */
export async function createHttpServer({
  root,
  bodyLimit,
  version,
  logger,
}: HttpServerOptions): Promise<NestFastifyApplication> {
  const unread = new UnreadBodies();
  const watchBody = ({ raw }: FastifyRequest, reply: FastifyReply): void => {
    if (!declaresBody(raw)) return;
    unread.watch(raw, reply.raw);
    // A client that learns this stops sending.
    if (Number(raw.headers['content-length'] ?? 0) > bodyLimit) reply.raw.shouldKeepAlive = false;
  };
  const adapter = new FastifyAdapter({
    bodyLimit,
    // Reader ids have up to 200 characters, each up to three when URL-encoded.
    routerOptions: { maxParamLength: 1_000 },
    genReqId: newRequestId,
    forceCloseConnections: 'idle',
    frameworkErrors: (error: Error, request: FastifyRequest, reply: FastifyReply) => {
      watchBody(request, reply);
      app.get(ErrorReply).send({ error: toApiError(error), request, reply });
    },
  });
  const app = await NestFactory.create<NestFastifyApplication>(root, adapter, {
    logger: new NestLogger(logger),
    abortOnError: false,
  });
  const server = adapter.getInstance();
  app.get(RouteTable).watch(server);
  holdContinue(server.server);
  server.addHook('preClose', async () => unread.close());

  await app.register(helmet, DOCS_PAGE_HEADERS);
  const authentication = app.get(RequestAuthentication);
  const limits = app.get(RequestLimits);
  refuseEarly({
    server: server.server,
    policies: app.get(RoutePolicies),
    refusalOf: (request) => authentication.refusalOf(request),
  });
  server.decorateRequest('caller', null);
  server.decorateRequest('requestLimit', null);
  server.addHook('onRequest', (request, _reply, done) => {
    const { traceparent } = request.headers;
    // A read is answered from memory and has no further spans: it gets a trace only if the client sends one.
    if (traceparent !== undefined || request.method !== 'GET') runInTrace(traceparent, done);
    else done();
  });
  server.addHook('onRequest', async (request, reply) => {
    watchBody(request, reply);
    void reply.headers({ 'x-request-id': request.id, 'x-content-type-options': 'nosniff' });
    if (request.url === '/') return reply.redirect('/docs');
    if (request.url.startsWith('/docs')) reply.helmet();
    // Some clients send a content type without a body, which a parser would refuse.
    if (request.headers['transfer-encoding'] === undefined && Number(request.headers['content-length'] ?? 0) === 0)
      delete request.headers['content-type'];
    if (ignoresBody(request)) hideBody(request);
    const identified = authentication.identify(request);
    const requirement = identified instanceof Promise ? await identified : identified;
    // Before role and scope are checked, so that refused requests count, too.
    const waiting = limits.admit(request, reply);
    if (waiting !== undefined) await waiting;
    if (requirement !== undefined) authentication.authorize(request, requirement);
    // Nest parses forms and Fastify parses text. No API here accepts either.
    const type = request.method === 'GET' || request.method === 'HEAD' ? undefined : request.headers['content-type'];
    if (type !== undefined && !request.is404 && !/^application\/json\s*(;|$)/i.test(type)) throw unsupportedMediaType();
    permitBody(request.raw, reply.raw, bodyLimit);
  });
  serveDocs(app, version);
  return app;
}
