import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { ApiError } from './errors/api-error.js';
import type { HttpMetrics } from './http.metrics.js';
import type { RequestAuthentication } from './request-authentication.js';
import { pathAsSent } from './request-path.js';
import type { RoutePolicies } from './route-policies.js';
import { takeFirst } from './take-first.js';
import { declaresBody } from './unread-body.js';

/** In place of the route template, which is not looked up. */
const REFUSED_ROUTE = '(refused)';
/**
 * How long an answer is held back: over a few connections a client guesses no faster than that. Not all for the same time, or they
 * would be sent together.
 */
const HOLD_MS = { least: 1_000, spread: 1_000 };
/** Answers beyond are sent at once: one that waits costs some kilobytes. */
const MOST_HELD = 5_000;

export interface EarlyRefusalsOptions {
  readonly policies: RoutePolicies;
  readonly authentication: RequestAuthentication;
  readonly metrics: HttpMetrics;
  readonly nextId: () => string;
}

/** A request that is refused, and when it came (ms). */
interface Refused {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly refusal: ApiError;
  readonly arrivedAt: number;
}

/**
 * Answers requests that are refused before Fastify handles them, and not at once: many of them must not slow others down. A request
 * with a body goes the usual way, which knows what to do with the body.
 */
export class EarlyRefusals {
  private readonly held = new Map<ServerResponse, { readonly timer: NodeJS.Timeout; readonly answer: () => void }>();
  private readonly seriesOf: ReturnType<HttpMetrics['seriesOf']>;
  private isClosed = false;

  constructor(private readonly options: EarlyRefusalsOptions) {
    this.seriesOf = options.metrics.seriesOf(REFUSED_ROUTE);
  }

  /** Comes before the other listeners of the server. */
  listen(server: Server): void {
    takeFirst(server, (request, response) => {
      const arrivedAt = performance.now();
      const refusal = declaresBody(request) ? undefined : this.options.authentication.refusalOf(request);
      if (refusal === undefined) return false;
      this.refuse({ request, response, refusal, arrivedAt });
      return true;
    });
  }

  /** Sends what is held back. From now on nothing is. */
  close(): void {
    this.isClosed = true;
    for (const { timer, answer } of this.held.values()) {
      clearTimeout(timer);
      answer();
    }
  }

  private refuse(refused: Refused): void {
    const { request, response, refusal, arrivedAt } = refused;
    const heldAt = performance.now();
    const answer = (): void => {
      this.held.delete(response);
      const answeredAt = performance.now();
      this.send(refused);
      // Counted now: a client that has left gets no answer.
      const tookMs = heldAt - arrivedAt + performance.now() - answeredAt;
      this.seriesOf(request.method ?? '', refusal.status).observe(tookMs / 1_000);
      this.options.metrics.refused(refusal);
    };
    if (this.isClosed || this.held.size >= MOST_HELD) return answer();
    this.held.set(response, { timer: setTimeout(answer, HOLD_MS.least + Math.random() * HOLD_MS.spread), answer });
    response.once('close', () => {
      clearTimeout(this.held.get(response)?.timer);
      this.held.delete(response);
    });
  }

  private send({ request, response, refusal }: Refused): void {
    const id = this.options.nextId();
    const { contentType, body } = this.options.policies.of(pathAsSent(request)).errors(refusal, id);
    const text = JSON.stringify(body);
    response.writeHead(refusal.status, {
      ...refusal.headers,
      'content-type': contentType,
      'content-length': Buffer.byteLength(text),
      'x-request-id': id,
      'x-content-type-options': 'nosniff',
    });
    // As a string it is written together with the headers.
    response.end(text);
  }
}
