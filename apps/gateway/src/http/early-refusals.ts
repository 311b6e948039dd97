import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { ApiError } from './errors/api-error.js';
import type { HttpMetrics } from './http.metrics.js';
import type { RequestAuthentication } from './request-authentication.js';
import { pathAsSent } from './request-path.js';
import type { RoutePolicies } from './route-policies.js';
import { RefusedConnections } from './refused-connections.js';
import { takeFirst } from './take-first.js';
import { declaresBody, type UnreadBodies } from './unread-body.js';

/** In place of the route template, which is not looked up. */
const REFUSED_ROUTE = '(refused)';
/**
 * How long an answer is held back: over a few connections a client guesses no faster than that. Not all for the same time, or they
 * would be sent together.
 */
const HOLD_MS = { least: 1_000, spread: 1_000 };
/** The connections of those beyond are reset: one that waits costs some kilobytes, with a body up to some hundred. */
const MOST_HELD = 500;

export interface EarlyRefusalsOptions {
  readonly policies: RoutePolicies;
  readonly authentication: RequestAuthentication;
  readonly metrics: HttpMetrics;
  readonly unread: UnreadBodies;
  readonly nextId: () => string;
  /** For tests. */
  readonly mostHeld?: number;
}

/** A request that is refused, and when it came (ms). */
interface Refused {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly refusal: ApiError;
  readonly arrivedAt: number;
}

/**
 * Answers requests that are refused before Fastify handles them, and not at once: many of them must not slow others down. Where too many
 * wait for their answers, or one comes on a connection that waits already, its connection is reset: no answer costs less. Requests that
 * are not refused are never affected, wherever they come from.
 */
export class EarlyRefusals {
  /** By connection: one that is held has a single request. */
  private readonly held = new Map<Socket, { readonly timer: NodeJS.Timeout; readonly answer: () => void }>();
  private readonly connections: RefusedConnections;
  private readonly seriesOf: ReturnType<HttpMetrics['seriesOf']>;
  private wasFull = false;
  private isClosed = false;

  constructor(private readonly options: EarlyRefusalsOptions) {
    this.seriesOf = options.metrics.seriesOf(REFUSED_ROUTE);
    this.connections = new RefusedConnections({
      isNeeded: () => this.isFull,
      refusalOf: (request) => (this.isFull ? options.authentication.refusalOf(request) : undefined),
      onRefused: (refusal) => options.metrics.refused(refusal),
    });
  }

  /** Comes before the other listeners of the server. */
  listen(server: Server): void {
    this.connections.listen(server);
    takeFirst(server, (request, response) => {
      // Node.js still reads the requests that came together with one whose connection was reset.
      if (request.socket.destroyed) return true;
      const arrivedAt = performance.now();
      const refusal = this.options.authentication.refusalOf(request);
      if (refusal === undefined) return false;
      this.refuse({ request, response, refusal, arrivedAt });
      return true;
    });
  }

  /** Sends what is held back. From now on nothing is. */
  close(): void {
    this.isClosed = true;
    this.connections.close();
    for (const { timer, answer } of this.held.values()) {
      clearTimeout(timer);
      answer();
    }
  }

  /**
   * Until half of the answers are sent: if each that is sent made room, many connections that come together would be handed on for one
   * that can be held.
   */
  private get isFull(): boolean {
    const most = this.options.mostHeld ?? MOST_HELD;
    if (this.held.size >= most) this.wasFull = true;
    else if (this.held.size < most / 2) this.wasFull = false;
    return this.wasFull && !this.isClosed;
  }

  private refuse(refused: Refused): void {
    const { request, response, refusal, arrivedAt } = refused;
    const { socket } = request;
    const heldAt = performance.now();
    const answer = (): void => {
      this.held.delete(socket);
      const answeredAt = performance.now();
      this.send(refused);
      // Counted now: a client that has left gets no answer.
      const tookMs = heldAt - arrivedAt + performance.now() - answeredAt;
      this.seriesOf(request.method ?? '', refusal.status).observe(tookMs / 1_000);
      this.options.metrics.refused(refusal);
    };
    if (this.isClosed) return answer();
    if (this.isFull || this.held.has(socket)) {
      socket.resetAndDestroy();
      return this.options.metrics.refused(refusal);
    }
    const waiting = { timer: setTimeout(answer, HOLD_MS.least + Math.random() * HOLD_MS.spread), answer };
    this.held.set(socket, waiting);
    response.once('close', () => {
      clearTimeout(waiting.timer);
      if (this.held.get(socket) === waiting) this.held.delete(socket);
    });
  }

  private send({ request, response, refusal }: Refused): void {
    const id = this.options.nextId();
    const { contentType, body } = this.options.policies.of(pathAsSent(request)).errors(refusal, id);
    const text = JSON.stringify(body);
    if (declaresBody(request)) this.options.unread.watch(request, response);
    // Not all of the body is here: a client that learns this stops sending.
    if (!request.complete) response.shouldKeepAlive = false;
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
