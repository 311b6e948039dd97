import type { IncomingMessage, ServerResponse } from 'node:http';
import { systemClock } from '@signalbox/platform';

export interface DiscardLimits {
  readonly maxBytes: number;
  readonly maxMs: number;
}

const LIMITS: DiscardLimits = { maxBytes: 16 * 1_024 * 1_024, maxMs: 5_000 };

/** Whether the request declares a body, whatever its length. */
export const declaresBody = ({ headers }: IncomingMessage): boolean =>
  headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) !== 0;

/**
 * Reads on after an answer that came before the end of the request's body, and discards what it reads.
 *
 * A server that closes a connection with unread data resets it, and the client loses the answer that it had not read yet.
 * So the connection stays open until the body ends, the client closes it, or a limit is reached.
 */
export class UnreadBodies {
  private readonly discarding = new Set<() => void>();
  private isClosed = false;

  constructor(private readonly limits: DiscardLimits = LIMITS) {}

  /** To be called for each request that declares a body, before it is answered. */
  watch(request: IncomingMessage, response: ServerResponse): void {
    // Before the listener of Node.js itself, which closes the connection or prepares it for the next request.
    response.prependOnceListener('finish', () => {
      if (!request.complete && !request.socket.destroyed && !this.isClosed) this.discard(request);
    });
  }

  /** Closes the connections whose bodies are being discarded, so that the server can close. */
  close(): void {
    this.isClosed = true;
    for (const stop of this.discarding) stop();
  }

  private discard(request: IncomingMessage): void {
    const { socket } = request;
    let left = this.limits.maxBytes;
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
      if (left < 0) finish();
    };
    const cancel = systemClock.schedule(this.limits.maxMs, finish, { background: true });
    this.discarding.add(finish);
    request.on('data', count);
    request.once('end', finish);
    socket.once('close', finish);
    // Marks the body as consumed now: else Node.js discards it by itself, without a limit.
    request.read(0);
    request.resume();
  }
}
