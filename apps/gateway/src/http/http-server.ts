import type { DynamicModule } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { NestLogger } from '@signalbox/nest-service';
import { runInTrace, type Logger } from '@signalbox/platform';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { AccessLog } from './access-log.js';
import { serveAsyncApi } from './asyncapi.js';
import { isRead, mayChange } from './changes.js';
import { ConnectionCaps } from './connection-caps.js';
import type { ConnectionLimits } from './connection-limits.rules.js';
import { allowOrigins } from './cross-origin.js';
import { Crowding } from './crowding.js';
import { limitBodies, noteBodyRoutes, takesBody } from './body-routes.js';
import { serveDocs } from './docs/serve-docs.js';
import { EarlyRefusals } from './early-refusals.js';
import { ErrorReply } from './error-reply.js';
import { RouteTable } from './route-table.js';
import { nulInAddress } from './errors/invalid-request.js';
import { noSuchRoute } from './errors/no-such-route.js';
import { toApiError } from './errors/to-api-error.js';
import { holdContinue, permitBody } from './expect-continue.js';
import { HotAnswers } from './hot-answers.js';
import { HotRoutes } from './hot-routes.js';
import { HttpMetrics } from './http.metrics.js';
import { parseJsonBodies } from './json-body.js';
import { takeSlashesAsParameter } from './one-parameter.js';
import { mostLateResets } from './late-resets.js';
import { Refusals } from './refusals.js';
import { RequestAuthentication } from './request-authentication.js';
import { requestIds } from './request-ids.js';
import { pathAsSent } from './request-path.js';
import { RequestLimits } from './request-limits.js';
import { limitRequestsTogether } from './requests-together.js';
import { RequestTurns } from './request-turns.js';
import { RoutePolicies } from './route-policies.js';
import { demandAnswerProgress, demandBodyProgress, timeLimits } from './time-limits.js';
import { ignoreTrailingSlashes } from './trailing-slash.js';
import { TrustedProxies } from './trusted-proxies.js';
import { tlsSettings, type TlsPair } from './tls-files.js';
import { answerUnparsed } from './unparsed-requests.js';
import { answerUnserved } from './unserved-routes.js';
import { UnreadBodies } from './unread-body.js';
import { hideBody, refuseWrongBody } from './wanted-body.js';

export interface HttpServerOptions {
  readonly root: DynamicModule;
  readonly bodyLimit: number;
  /** Other origins whose pages may call the API. */
  readonly origins: readonly string[];
  readonly version: string;
  readonly logger: Logger;
  readonly isAccessLogged: boolean;
  readonly connections: ConnectionLimits;
  /** Where the API is served over https. */
  readonly tls?: TlsPair | undefined;
}

const connectionSettings = { headersTimeout: timeLimits.head, connectionsCheckingInterval: timeLimits.check };

/** The gateway's HTTP server, ready to listen: request ids, security headers, authentication and limits before all else, docs. */
export async function createHttpServer({
  root,
  bodyLimit,
  origins,
  version,
  logger,
  isAccessLogged,
  connections,
  tls,
}: HttpServerOptions): Promise<NestFastifyApplication> {
  const unread = new UnreadBodies();
  const nextId = requestIds();
  const adapter = new FastifyAdapter({
    bodyLimit,
    // Reader ids have up to 200 characters, each up to three when URL-encoded.
    routerOptions: { maxParamLength: 1_000 },
    genReqId: nextId,
    forceCloseConnections: 'idle',
    clientErrorHandler: answerUnparsed(nextId),
    requestTimeout: timeLimits.request,
    keepAliveTimeout: timeLimits.idle,
    ...(tls === undefined ? { http: connectionSettings } : { https: { ...connectionSettings, ...tlsSettings(tls) } }),
    frameworkErrors: (error: Error, request: FastifyRequest, reply: FastifyReply) => {
      unread.watch(request.raw, reply.raw);
      app.get(ErrorReply).send({ error: toApiError(error), request, reply });
    },
  });
  const app = await NestFactory.create<NestFastifyApplication>(root, adapter, {
    logger: new NestLogger(logger),
    abortOnError: false,
    bodyParser: false,
  });
  const server = adapter.getInstance();
  parseJsonBodies(server);
  noteBodyRoutes(app);
  limitBodies(server, bodyLimit);
  app.get(RouteTable).watch(server);
  const metrics = app.get(HttpMetrics);
  metrics.watch(server);
  holdContinue(server.server);

  const authentication = app.get(RequestAuthentication);
  const limits = app.get(RequestLimits);
  const turns = app.get(RequestTurns);
  const [routes, policies] = [app.get(HotRoutes), app.get(RoutePolicies)];
  const proxies = app.get(TrustedProxies);
  const addressOf: TrustedProxies['addressOf'] = (request) => proxies.addressOf(request);
  const accessLog = AccessLog.of({ logger, isOn: isAccessLogged, addressOf });
  const crowding = app.get(Crowding);
  const early = new EarlyRefusals({
    policies,
    authentication,
    crowdingOf: (request) =>
      crowding.refusalOf(request, { find: (head) => authentication.find(head), counts: (path) => limits.counts(path) }),
    metrics,
    refusals: app.get(Refusals),
    accessLog,
    addressOf,
    unread,
    nextId,
    mostWaiting: mostLateResets(connections),
  });
  early.listen(server.server);
  const hot = new HotAnswers({ routes, policies, authentication, limits, metrics, accessLog, nextId });
  hot.listen(server.server);
  ignoreTrailingSlashes(server.server);
  // Comes before it: a slash at the end of such a parameter is a part of it.
  takeSlashesAsParameter(server.server, policies.parameterPrefixes);
  allowOrigins(server.server, { origins, metrics, accessLog });
  demandAnswerProgress(server.server);
  limitRequestsTogether(server.server);
  const caps = new ConnectionCaps({
    limits: connections,
    isShared: proxies.includes,
    onRefused: (reason) => metrics.connectionRefused(reason),
  });
  caps.listen(server.server);
  proxies.watch(server);
  server.addHook('preClose', async () => {
    hot.close();
    early.close();
    unread.close();
  });
  server.decorateRequest('caller', null);
  server.decorateRequest('requestLimit', null);
  server.decorateRequest('turn', null);
  turns.watch(server);
  server.addHook('onRequest', (request, _reply, done) => {
    const { traceparent } = request.headers;
    // A read is answered from memory and has no further spans: it gets a trace only if the client sends one.
    if (traceparent !== undefined || request.method !== 'GET') runInTrace(traceparent, done);
    else done();
  });
  accessLog?.watch(server);
  server.addHook('onRequest', async (request, reply) => {
    unread.watch(request.raw, reply.raw);
    const path = pathAsSent(request);
    void reply.headers({ 'x-request-id': request.id, 'x-content-type-options': 'nosniff' });
    if (isRead(request.method) && (path === '/' || path === '/docs/')) return reply.redirect('/docs');
    const identified = authentication.identify(request);
    const requirement = identified instanceof Promise ? await identified : identified;
    // Before role and scope are checked, so that refused requests count, too.
    const waiting = limits.admit(request, reply);
    if (waiting !== undefined) await waiting;
    if (requirement !== undefined) authentication.authorize(request, requirement);
    if (request.is404) throw noSuchRoute();
    if (request.url.includes('%00')) throw nulInAddress();
    if (takesBody(request)) refuseWrongBody(request);
    else hideBody(request);
    const turn = turns.take(request, reply);
    if (turn !== undefined) await turn;
    const confirming = authentication.confirm(request, mayChange(request));
    if (confirming !== undefined) await confirming;
    const { bodyLimit: most } = request.routeOptions;
    unread.accept(request.raw, reply.raw, most);
    if (takesBody(request)) {
      turns.awaitBody(request);
      demandBodyProgress(server.server, request.raw);
    }
    permitBody(request.raw, reply.raw, most);
  });
  serveDocs(app, {
    version,
    isPublic: (path, method) => policies.requirementOf(path, method).role === 'public',
    isCounted: (path) => limits.counts(path),
  });
  serveAsyncApi(app, version);
  answerUnserved(app);
  return app;
}
