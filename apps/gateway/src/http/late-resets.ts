import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { ConnectionLimits } from './connection-limits.rules.js';

/** How long a connection waits, ms. Not all as long, or they would be reset, and would come back, together. */
const WAIT_MS = { least: 30_000, spread: 30_000 };
/** A waiting connection takes some kilobytes, and a descriptor. */
const MOST_WAITING = 10_000;
/** The other half of the connections is for other clients. */
const SHARE_OF_CONNECTIONS = 0.5;

/** How many connections may wait for their reset. */
export const mostLateResets = ({ inAll }: ConnectionLimits): number =>
  Math.min(MOST_WAITING, Math.floor(inAll * SHARE_OF_CONNECTIONS));

/** After the requests that came already: at the end of each, Node.js makes its socket read on. */
export const stopReading = (socket: Socket): void => process.nextTick(() => socket.pause());

/** A TLS connection cannot be reset by itself, and is closed. */
function reset(socket: Socket): void {
  if (socket instanceof TLSSocket) socket.destroy();
  else socket.resetAndDestroy();
}

/**
 * Resets connections after a while in which nothing is read from them. Most programs wait for that: over as many connections as can wait
 * here they send a fraction of the requests that they would send if each was reset at once.
 */
export class LateResets {
  private readonly waiting = new Map<Socket, NodeJS.Timeout>();
  private isClosed = false;

  constructor(private readonly most: number) {}

  /** Whether it waits for its reset. */
  has(socket: Socket): boolean {
    return this.waiting.has(socket);
  }

  /** At once where too many wait. */
  reset(socket: Socket): void {
    if (this.isClosed || this.waiting.size >= this.most) return reset(socket);
    stopReading(socket);
    const timer = setTimeout(() => reset(socket), WAIT_MS.least + Math.random() * WAIT_MS.spread);
    this.waiting.set(socket, timer);
    socket.once('close', () => {
      clearTimeout(timer);
      this.waiting.delete(socket);
    });
  }

  /** Resets those that wait. From now on none waits. */
  close(): void {
    this.isClosed = true;
    for (const socket of this.waiting.keys()) reset(socket);
  }
}
