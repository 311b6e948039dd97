import type { IncomingMessage, ServerResponse } from 'node:http';
import { systemClock } from '@signalbox/platform';

export interface DiscardLimits {
  readonly maxBytes: number;
  readonly maxMs: number;
}

export interface UnreadBodyLimits {
  /** Of a request that was accepted, and does not need its body. */
  readonly accepted: DiscardLimits;
  /** Of any other request. */
  readonly refused: DiscardLimits;
}

const LIMITS: UnreadBodyLimits = {
  accepted: { maxBytes: 16 * 1_024 * 1_024, maxMs: 5_000 },
  refused: { maxBytes: 64 * 1_024, maxMs: 2_000 },
};

/** Bytes that the request declares; 0 where it declares none, and where it sends them in chunks. */
export const declaredBytes = ({ headers }: IncomingMessage): number => Number(headers['content-length'] ?? 0);

/** Whether the request declares a body, whatever its length. */
export const declaresBody = (request: IncomingMessage): boolean =>
  request.headers['transfer-encoding'] !== undefined || declaredBytes(request) !== 0;

/**
 * Reads on after an answer that came before the end of the request's body, and discards what it reads.
 *
 * A server that closes a connection with unread data resets it, and the client loses the answer that it had not read yet.
 * So the connection stays open until the body ends, the client closes it, or the time is over. Little is read of a request that was
 * refused, and its connection is closed.
 */
export class UnreadBodies {
  private readonly discarding = new Set<() => void>();
  private readonly accepted = new WeakSet<IncomingMessage>();
  private readonly watched = new WeakMap<IncomingMessage, { readonly keepsAlive: boolean; readonly bytes: number }>();
  private isClosed = false;

  constructor(private readonly limits: UnreadBodyLimits = LIMITS) {}

  /** To be called for each request before it is answered. Its answer ends the connection unless it is accepted. */
  watch(request: IncomingMessage, response: ServerResponse): void {
    if (!declaresBody(request)) return;
    this.watched.set(request, { keepsAlive: response.shouldKeepAlive, bytes: declaredBytes(request) });
    response.shouldKeepAlive = false;
    // Before the listener of Node.js itself, which closes the connection or prepares it for the next request.
    response.prependOnceListener('finish', () => {
      if (!request.complete && !request.socket.destroyed && !this.isClosed) this.discard(request);
    });
  }

  /** The body may be read, or is of no meaning. One that declares more than `most` bytes still ends the connection: a client that learns this stops sending. */
  accept(request: IncomingMessage, response: ServerResponse, most: number): void {
    const watched = this.watched.get(request);
    if (watched === undefined) return;
    this.accepted.add(request);
    if (watched.bytes <= most) response.shouldKeepAlive = watched.keepsAlive;
  }

  /** Closes the connections whose bodies are being discarded, so that the server can close. */
  close(): void {
    this.isClosed = true;
    for (const stop of this.discarding) stop();
  }

  private discard(request: IncomingMessage): void {
    const { socket } = request;
    const { maxBytes, maxMs } = this.limits[this.accepted.has(request) ? 'accepted' : 'refused'];
    let left = maxBytes;
    let mustClose = false;
    // Node.js calls this after an answer with `Connection: close`. The client gets the end of the stream at once.
    socket.destroySoon = () => {
      mustClose = true;
      socket.end();
    };
    const finish = (): void => {
      cancel();
      this.discarding.delete(finish);
      request.off('data', count);
      request.off('end', finish);
      socket.off('close', finish);
      Reflect.deleteProperty(socket, 'destroySoon');
      if (mustClose || !request.complete) socket.destroy();
    };
    const count = ({ length }: Buffer): void => {
      left -= length;
      // What still comes stays with the operating system: the client has the time that is left to read the answer.
      if (left < 0) request.off('data', count).pause();
    };
    const cancel = systemClock.schedule(maxMs, finish, { background: true });
    this.discarding.add(finish);
    request.on('data', count);
    request.once('end', finish);
    socket.once('close', finish);
    // Marks the body as consumed now: else Node.js discards it by itself, without a limit.
    request.read(0);
    request.resume();
  }
}
