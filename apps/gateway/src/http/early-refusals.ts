import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { ApiError } from './errors/api-error.js';
import type { AccessLog } from './access-log.js';
import type { HttpMetrics } from './http.metrics.js';
import type { RequestAuthentication } from './request-authentication.js';
import { pathAsSent } from './request-path.js';
import type { RoutePolicies } from './route-policies.js';
import { LateResets, stopReading } from './late-resets.js';
import type { Refusals } from './refusals.js';
import { RefusedConnections } from './refused-connections.js';
import { takeFirst } from './take-first.js';
import type { UnreadBodies } from './unread-body.js';

/** In place of the route template, which is not looked up. */
const REFUSED_ROUTE = '(refused)';
/**
 * How long an answer is held back: over a few connections a client guesses no faster than that. Not all for the same time, or they
 * would be sent together.
 */
const HOLD_MS = { least: 1_000, spread: 1_000 };
/** Those beyond get no answer, and their connections are reset later: to answer costs more. */
const MOST_HELD = 200;

export interface EarlyRefusalsOptions {
  readonly policies: RoutePolicies;
  readonly authentication: RequestAuthentication;
  readonly metrics: HttpMetrics;
  readonly refusals: Refusals;
  readonly accessLog?: AccessLog | undefined;
  /** Where a request comes from; undefined where the client has left. */
  readonly addressOf: (request: Pick<IncomingMessage, 'socket' | 'headers'>) => string | undefined;
  readonly unread: UnreadBodies;
  readonly nextId: () => string;
  /** For tests. */
  readonly mostHeld?: number;
  /** Connections that may wait for their reset. */
  readonly mostWaiting: number;
}

/** A request that is refused, when it came (ms), and from where: a connection that is closed does not know it. */
interface Refused {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly refusal: ApiError;
  readonly arrivedAt: number;
  readonly address: string;
}

/** `isLast`: the answer ends the connection. */
interface Held {
  readonly timer: NodeJS.Timeout;
  readonly answer: () => void;
  isLast: boolean;
}

/**
 * Answers requests that are refused before Fastify handles them, and not at once: many of them must not slow others down. Where too many
 * wait for their answers, their connections are not read any more, and reset later: no answer costs less. A connection on which another
 * such request comes before the answer is not read any more, either. Requests that are not refused are never affected, wherever
 * they come from.
 */
export class EarlyRefusals {
  /** By connection: one that is held has a single request. */
  private readonly held = new Map<Socket, Held>();
  private readonly resets: LateResets;
  private readonly connections: RefusedConnections;
  private readonly seriesOf: ReturnType<HttpMetrics['seriesOf']>;
  private wasFull = false;
  private isClosed = false;

  constructor(private readonly options: EarlyRefusalsOptions) {
    this.seriesOf = options.metrics.seriesOf(REFUSED_ROUTE);
    this.resets = new LateResets(options.mostWaiting);
    this.connections = new RefusedConnections({
      isNeeded: () => this.isFull,
      refusalOf: (request) => (this.isFull ? options.authentication.refusalOf(request) : undefined),
      onRefused: (refusal, head) => this.reset(refusal, head.socket, this.addressOf(head)),
    });
  }

  /** Comes before the other listeners of the server. */
  listen(server: Server): void {
    this.connections.listen(server);
    takeFirst(server, (request, response) => {
      // Node.js still reads the requests that came together with the last one of a connection.
      if (this.isAtEnd(request.socket)) return true;
      const arrivedAt = performance.now();
      const refusal = this.options.authentication.refusalOf(request);
      if (refusal === undefined) return false;
      this.refuse({ request, response, refusal, arrivedAt, address: this.addressOf(request) });
      return true;
    });
  }

  /** Sends what is held back. From now on nothing is. */
  close(): void {
    this.isClosed = true;
    this.connections.close();
    this.resets.close();
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

  private isAtEnd(socket: Socket): boolean {
    return socket.destroyed || this.resets.has(socket) || this.held.get(socket)?.isLast === true;
  }

  private refuse(refused: Refused): void {
    const { refusal } = refused;
    const { socket } = refused.request;
    if (this.isClosed) return this.send(refused);
    const held = this.held.get(socket);
    if (held === undefined) return this.isFull ? this.reset(refusal, socket, refused.address) : this.hold(refused);
    stopReading(socket);
    held.isLast = true;
    this.count(refusal, refused.address);
  }

  private addressOf(request: Pick<IncomingMessage, 'socket' | 'headers'>): string {
    return this.options.addressOf(request) ?? '';
  }

  private reset(refusal: ApiError, socket: Socket, address: string): void {
    this.count(refusal, address);
    this.resets.reset(socket);
  }

  private count(error: ApiError, address: string, id = this.options.nextId): void {
    this.options.metrics.refused(error);
    this.options.refusals.answered({ error, caller: null, address, route: REFUSED_ROUTE, id });
  }

  private hold(refused: Refused): void {
    const { response } = refused;
    const { socket } = refused.request;
    const heldAt = performance.now();
    const answer = (): void => {
      this.held.delete(socket);
      if (waiting.isLast) response.shouldKeepAlive = false;
      this.send(refused, performance.now() - heldAt);
    };
    const waiting: Held = {
      timer: setTimeout(answer, HOLD_MS.least + Math.random() * HOLD_MS.spread),
      answer,
      isLast: false,
    };
    this.held.set(socket, waiting);
    response.once('close', () => {
      clearTimeout(waiting.timer);
      if (this.held.get(socket) === waiting) this.held.delete(socket);
    });
  }

  /** Counts the request, too: a client that left before gets no answer. */
  private send(refused: Refused, heldMs = 0): void {
    const { request, refusal, arrivedAt, address } = refused;
    const { id: requestId, bytes } = this.write(refused);
    const tookMs = performance.now() - arrivedAt - heldMs;
    this.seriesOf(request.method ?? '', refusal.status).observe(tookMs / 1_000);
    this.count(refusal, address, () => requestId);
    const answered = { route: REFUSED_ROUTE, status: refusal.status, ms: tookMs, bytes, keyId: undefined, requestId };
    this.options.accessLog?.write(request, answered);
  }

  private write({ request, response, refusal }: Refused): { id: string; bytes: number } {
    const id = this.options.nextId();
    const { contentType, body } = this.options.policies.of(pathAsSent(request)).errors(refusal, id);
    const text = JSON.stringify(body);
    const bytes = Buffer.byteLength(text);
    this.options.unread.watch(request, response);
    // Not all of the body is here: a client that learns this stops sending.
    if (!request.complete) response.shouldKeepAlive = false;
    response.writeHead(refusal.status, {
      ...refusal.headers,
      'content-type': contentType,
      'content-length': bytes,
      'x-request-id': id,
      'x-content-type-options': 'nosniff',
    });
    // As a string it is written together with the headers.
    response.end(text);
    return { id, bytes };
  }
}
