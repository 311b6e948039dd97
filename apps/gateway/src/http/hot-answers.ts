import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AccessLog } from './access-log.js';
import { askedFor } from './caching/asked.js';
import type { Caller } from './caller.js';
import type { HotRoute, HotRoutes } from './hot-routes.js';
import type { HttpMetrics } from './http.metrics.js';
import type { PlainAnswer } from './plain-answer.js';
import type { RequestAuthentication } from './request-authentication.js';
import type { CountedRequest, RequestLimits } from './request-limits.js';
import type { Requirement, RoutePolicies } from './route-policies.js';
import { takeFirst } from './take-first.js';
import { declaresBody } from './unread-body.js';

interface Prepared extends HotRoute {
  readonly requirement: Requirement;
  readonly isCounted: boolean;
  readonly seriesOf: ReturnType<HttpMetrics['seriesOf']>;
}

export interface HotAnswersOptions {
  readonly routes: HotRoutes;
  readonly policies: RoutePolicies;
  readonly authentication: RequestAuthentication;
  readonly limits: RequestLimits;
  readonly metrics: HttpMetrics;
  readonly accessLog?: AccessLog | undefined;
  readonly nextId: () => string;
}

interface Answered {
  readonly caller: Caller;
  readonly answer: PlainAnswer;
  readonly counted: CountedRequest | undefined;
}

/**
 * Answers the hot routes before Fastify: Nest and Fastify cost more than the answer itself. Only a GET that is spelled as registered, has
 * no body, comes from a known caller and is admitted at once is answered here, and only with 200 or 304. Anything else is left to Fastify
 * as if nothing had happened, so that errors are in one place.
 */
export class HotAnswers {
  private readonly routes: ReadonlyMap<string, Prepared>;
  private isClosed = false;

  constructor(private readonly options: HotAnswersOptions) {
    const { routes, policies, limits, metrics } = options;
    const prepared = routes.all().map((route): [string, Prepared] => {
      const requirement = policies.requirementOf(route.path, 'GET');
      const [isCounted, seriesOf] = [limits.counts(route.path), metrics.seriesOf(route.path)];
      return [route.path, { ...route, requirement, isCounted, seriesOf }];
    });
    this.routes = new Map(prepared);
  }

  /** Comes before the other listeners of the server. */
  listen(server: Server): void {
    takeFirst(server, (request, response) => this.take(request, response));
  }

  /** From now on Fastify answers, which closes the connections. */
  close(): void {
    this.isClosed = true;
  }

  private take(request: IncomingMessage, response: ServerResponse): boolean {
    const route = request.method === 'GET' && !this.isClosed ? this.routes.get(request.url ?? '') : undefined;
    if (route === undefined || request.headers.expect !== undefined || declaresBody(request)) return false;
    const startedAt = performance.now();
    const answered = this.tryAnswer(route, request, startedAt);
    if (answered === undefined) return false;
    const requestId = this.options.nextId();
    this.send(response, answered, requestId);
    const ms = performance.now() - startedAt;
    route.seriesOf('GET', answered.answer.status).observe(ms / 1_000);
    const { accessLog } = this.options;
    if (accessLog !== undefined) {
      const { answer, caller } = answered;
      const bytes = answer.body === undefined ? 0 : Buffer.byteLength(answer.body);
      accessLog.write(request, { route: route.path, status: answer.status, ms, bytes, keyId: caller.id, requestId });
    }
    return true;
  }

  private tryAnswer(route: Prepared, request: IncomingMessage, startedAt: number): Answered | undefined {
    const { authentication, limits } = this.options;
    try {
      const caller = authentication.recall(request, route.requirement);
      if (caller === undefined) return undefined;
      const asked = askedFor(request);
      const answerNow = route.prepare(asked);
      if (answerNow === undefined) return undefined;
      // The last thing that may fail: what is counted here is answered here.
      const counted = route.isCounted ? limits.admitNow(caller) : undefined;
      if (route.isCounted && counted === undefined) return undefined;
      const answer = answerNow({
        caller,
        requestLimit: counted?.limit ?? null,
        ifNoneMatch: asked.ifNoneMatch,
        startedAt,
      });
      return { caller, answer, counted };
    } catch {
      // The same happens again in Fastify, where it is logged and answered.
      return undefined;
    }
  }

  private send(
    response: ServerResponse,
    { answer: { status, headers, body }, counted }: Answered,
    requestId: string,
  ): void {
    const length = body === undefined ? undefined : Buffer.byteLength(body);
    response.writeHead(status, {
      'x-request-id': requestId,
      'x-content-type-options': 'nosniff',
      ...counted?.headers,
      ...headers,
      ...(length !== undefined && { 'content-length': length }),
    });
    // Each character is one byte: the cheapest encoding gives the same.
    if (length === body?.length) response.end(body, 'latin1');
    else response.end(body);
  }
}
