import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { AccessLog } from './access-log.js';
import type { Caller } from './caller.js';
import type { Crowded } from './crowding.js';
import type { ApiError } from './errors/api-error.js';
import type { HttpMetrics } from './http.metrics.js';
import type { RequestHead } from './request-head.js';
import type { RequestAuthentication } from './request-authentication.js';
import { pathAsSent } from './request-path.js';
import type { RoutePolicies } from './route-policies.js';
import { HeldAnswers } from './held-answers.js';
import { LateResets } from './late-resets.js';
import type { Refusals } from './refusals.js';
import { RefusedConnections } from './refused-connections.js';
import { takeFirst } from './take-first.js';
import type { UnreadBodies } from './unread-body.js';

/** In place of the route template, which is not looked up. */
const REFUSED_ROUTE = '(refused)';
/** Of guesses. Those beyond get no answer, and their connections are reset later: to answer costs more. */
const MOST_HELD = 200;

export interface EarlyRefusalsOptions {
  readonly policies: RoutePolicies;
  readonly authentication: RequestAuthentication;
  /** Why a request is refused that is no guess: its caller has too much at work. Asked of each. */
  readonly crowdingOf: (request: RequestHead) => Crowded | undefined;
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

/** Why a request is refused. */
interface Reason {
  readonly error: ApiError;
  /** Null: not known. */
  readonly caller: Caller | null;
  /** The template, or `(refused)`. */
  readonly route: string;
}

/** A request that is refused, when it came (ms), and from where: a connection that is closed does not know it. */
interface Refused extends Reason {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly arrivedAt: number;
  readonly address: string;
}

/**
 * Answers requests that are refused before Fastify handles them, and not at once: many of them must not slow others down. They are those of
 * callers that have too many at work, and guesses. Where too many guesses wait for their answers, their connections are not read any more, and
 * reset later: no answer costs less. A connection on which another such request comes before the answer is not read any more, either.
 * Requests that are not refused are never affected, wherever they come from.
 */
export class EarlyRefusals {
  private readonly guesses = new HeldAnswers();
  private readonly crowded = new HeldAnswers();
  private readonly resets: LateResets;
  private readonly connections: RefusedConnections;
  private readonly series = new Map<string, ReturnType<HttpMetrics['seriesOf']>>();
  private wasFull = false;
  private isClosed = false;

  constructor(private readonly options: EarlyRefusalsOptions) {
    this.resets = new LateResets(options.mostWaiting);
    this.connections = new RefusedConnections({
      isNeeded: () => this.isFull,
      refusalOf: (request) => (this.isFull ? options.authentication.refusalOf(request) : undefined),
      onRefused: (error, head) => this.reset(guess(error), head.socket, this.addressOf(head)),
    });
  }

  /** Comes before the other listeners of the server. */
  listen(server: Server): void {
    this.connections.listen(server);
    takeFirst(server, (request, response) => {
      // Node.js still reads the requests that came together with the last one of a connection.
      if (this.isAtEnd(request.socket)) return true;
      const arrivedAt = performance.now();
      const reason = this.reasonOf(request);
      if (reason === undefined) return false;
      this.refuse({ request, response, ...reason, arrivedAt, address: this.addressOf(request) });
      return true;
    });
  }

  /** Sends what is held back. From now on nothing is. */
  close(): void {
    this.isClosed = true;
    this.connections.close();
    this.resets.close();
    for (const held of [this.guesses, this.crowded]) held.release();
  }

  private reasonOf(request: IncomingMessage): Reason | undefined {
    const error = this.options.authentication.refusalOf(request);
    return error ? guess(error) : this.options.crowdingOf(request);
  }

  /**
   * Until half of the answers are sent: if each that is sent made room, many connections that come together would be handed on for one
   * that can be held.
   */
  private get isFull(): boolean {
    const most = this.options.mostHeld ?? MOST_HELD;
    if (this.guesses.size >= most) this.wasFull = true;
    else if (this.guesses.size < most / 2) this.wasFull = false;
    return this.wasFull && !this.isClosed;
  }

  private isAtEnd(socket: Socket): boolean {
    return socket.destroyed || this.resets.has(socket) || this.heldOn(socket)?.isLast(socket) === true;
  }

  private heldOn(socket: Socket): HeldAnswers | undefined {
    return [this.guesses, this.crowded].find((held) => held.has(socket));
  }

  private refuse(refused: Refused): void {
    const { request, response, address } = refused;
    const { socket } = request;
    if (this.isClosed) return this.send(refused);
    const held = this.heldOn(socket);
    if (held !== undefined) {
      held.end(socket);
      return this.count(refused, address);
    }
    const isGuess = refused.route === REFUSED_ROUTE;
    if (isGuess && this.isFull) return this.reset(refused, socket, address);
    const holder = isGuess ? this.guesses : this.crowded;
    holder.hold(socket, response, (heldMs) => this.send(refused, heldMs));
  }

  private addressOf(request: Pick<IncomingMessage, 'socket' | 'headers'>): string {
    return this.options.addressOf(request) ?? '';
  }

  private reset(reason: Reason, socket: Socket, address: string): void {
    this.count(reason, address);
    this.resets.reset(socket);
  }

  private count(
    { error, caller, route, request }: Reason & { request?: IncomingMessage },
    address: string,
    id = this.options.nextId,
  ): void {
    this.options.metrics.refused(error);
    const method = route === REFUSED_ROUTE ? undefined : request?.method;
    this.options.refusals.answered({ error, caller, address, method, route, id });
  }

  /** Counts the request, too: a client that left before gets no answer. */
  private send(refused: Refused, heldMs = 0): void {
    const { request, error, caller, route, arrivedAt, address } = refused;
    const { id: requestId, bytes } = this.write(refused);
    const ms = performance.now() - arrivedAt - heldMs;
    this.seriesOf(route)(request.method ?? '', error.status).observe(ms / 1_000);
    this.count(refused, address, () => requestId);
    this.options.accessLog?.write(request, { route, status: error.status, ms, bytes, keyId: caller?.id, requestId });
  }

  private seriesOf(route: string): ReturnType<HttpMetrics['seriesOf']> {
    let series = this.series.get(route);
    if (series === undefined) this.series.set(route, (series = this.options.metrics.seriesOf(route)));
    return series;
  }

  private write({ request, response, error, route }: Refused): { id: string; bytes: number } {
    const id = this.options.nextId();
    const path = route === REFUSED_ROUTE ? pathAsSent(request) : route;
    const { contentType, body } = this.options.policies.of(path).errors(error, id);
    const text = JSON.stringify(body);
    const bytes = Buffer.byteLength(text);
    this.options.unread.watch(request, response);
    // Not all of the body is here: a client that learns this stops sending.
    if (!request.complete) response.shouldKeepAlive = false;
    response.writeHead(error.status, {
      ...error.headers,
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

const guess = (error: ApiError): Reason => ({ error, caller: null, route: REFUSED_ROUTE });
