import type { DynamicModule } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { NestLogger } from '@signalbox/nest-service';
import { runInTrace, type Logger } from '@signalbox/platform';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { AccessLog } from './access-log.js';
import { serveAsyncApi } from './asyncapi.js';
import { mayChange } from './changes.js';
import { allowOrigins } from './cross-origin.js';
import { refuseDeepBody } from './body-depth.js';
import { serveDocs } from './docs/serve-docs.js';
import { EarlyRefusals } from './early-refusals.js';
import { ErrorReply } from './error-reply.js';
import { RouteTable } from './route-table.js';
import { refuseEncodedBody } from './content-encoding.js';
import { nulInAddress } from './errors/invalid-request.js';
import { toApiError, unsupportedMediaType } from './errors/to-api-error.js';
import { holdContinue, permitBody } from './expect-continue.js';
import { HotAnswers } from './hot-answers.js';
import { HotRoutes } from './hot-routes.js';
import { HttpMetrics } from './http.metrics.js';
import { hideBody, ignoresBody } from './ignored-body.js';
import { RequestAuthentication } from './request-authentication.js';
import { requestIds } from './request-ids.js';
import { RequestLimits } from './request-limits.js';
import { RoutePolicies } from './route-policies.js';
import { ignoreTrailingSlashes } from './trailing-slash.js';
import { answerUnserved } from './unserved-routes.js';
import { declaresBody, UnreadBodies } from './unread-body.js';

export interface HttpServerOptions {
  readonly root: DynamicModule;
  readonly bodyLimit: number;
  /** Other origins whose pages may call the API. */
  readonly origins: readonly string[];
  readonly version: string;
  readonly logger: Logger;
  readonly isAccessLogged: boolean;
}

/** The gateway's HTTP server, ready to listen: request ids, security headers, authentication and limits before all else, docs. */
export async function createHttpServer({
  root,
  bodyLimit,
  origins,
  version,
  logger,
  isAccessLogged,
}: HttpServerOptions): Promise<NestFastifyApplication> {
  const unread = new UnreadBodies();
  const nextId = requestIds();
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
    genReqId: nextId,
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
  const metrics = app.get(HttpMetrics);
  metrics.watch(server);
  holdContinue(server.server);

  const authentication = app.get(RequestAuthentication);
  const limits = app.get(RequestLimits);
  const [routes, policies] = [app.get(HotRoutes), app.get(RoutePolicies)];
  const accessLog = AccessLog.of({ logger, isOn: isAccessLogged });
  const refusals = new EarlyRefusals({ policies, authentication, metrics, accessLog, unread, nextId });
  refusals.listen(server.server);
  const hot = new HotAnswers({ routes, policies, authentication, limits, metrics, accessLog, nextId });
  hot.listen(server.server);
  ignoreTrailingSlashes(server.server);
  allowOrigins(server.server, { origins, metrics, accessLog });
  server.addHook('preClose', async () => {
    hot.close();
    refusals.close();
    unread.close();
  });
  server.decorateRequest('caller', null);
  server.decorateRequest('requestLimit', null);
  server.addHook('onRequest', (request, _reply, done) => {
    const { traceparent } = request.headers;
    // A read is answered from memory and has no further spans: it gets a trace only if the client sends one.
    if (traceparent !== undefined || request.method !== 'GET') runInTrace(traceparent, done);
    else done();
  });
  accessLog?.watch(server);
  server.addHook('onRequest', async (request, reply) => {
    watchBody(request, reply);
    void reply.headers({ 'x-request-id': request.id, 'x-content-type-options': 'nosniff' });
    if (request.url === '/' || request.url === '/docs/') return reply.redirect('/docs');
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
    if (request.url.includes('%00')) throw nulInAddress();
    // Nest parses forms and Fastify parses text. No API here accepts either.
    const isRead = request.method === 'GET' || request.method === 'HEAD';
    const type = isRead ? undefined : request.headers['content-type'];
    if (type !== undefined && !request.is404 && !/^application\/json\s*(;|$)/i.test(type)) throw unsupportedMediaType();
    // The body of a GET has no meaning and is not read.
    if (!isRead && !request.is404 && !ignoresBody(request)) refuseEncodedBody(request);
    const confirming = request.is404 ? undefined : authentication.confirm(request, mayChange(request));
    if (confirming !== undefined) await confirming;
    permitBody(request.raw, reply.raw, bodyLimit);
  });
  server.addHook('preValidation', async (request) => refuseDeepBody(request));
  serveDocs(app, { version, isPublic: (path, method) => policies.requirementOf(path, method).role === 'public' });
  serveAsyncApi(app, version);
  answerUnserved(app);
  return app;
}
