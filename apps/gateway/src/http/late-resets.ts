import type { Socket } from 'node:net';
import { openFilesLimit } from '@signalbox/platform';

/** How long a connection waits, ms. Not all as long, or they would be reset, and would come back, together. */
const WAIT_MS = { least: 30_000, spread: 30_000 };
/** A waiting connection takes some kilobytes, and a descriptor. */
const MOST_WAITING = 10_000;
/** The other half of what this process may open is for other clients, and for its own work. */
const SHARE_OF_OPEN_FILES = 0.5;

/** After the requests that came already: at the end of each, Node.js makes its socket read on. */
export const stopReading = (socket: Socket): void => process.nextTick(() => socket.pause());

/**
 * Resets connections after a while in which nothing is read from them. Most programs wait for that: over as many connections as can wait
 * here they send a fraction of the requests that they would send if each was reset at once.
 */
export class LateResets {
  private readonly waiting = new Map<Socket, NodeJS.Timeout>();
  private readonly most: number;
  private isClosed = false;

  /** `most`: for tests. */
  constructor(most?: number) {
    this.most = most ?? Math.min(MOST_WAITING, Math.floor(openFilesLimit() * SHARE_OF_OPEN_FILES));
  }

  /** Whether it waits for its reset. */
  has(socket: Socket): boolean {
    return this.waiting.has(socket);
  }

  /** At once where too many wait. */
  reset(socket: Socket): void {
    if (this.isClosed || this.waiting.size >= this.most) return void socket.resetAndDestroy();
    stopReading(socket);
    const timer = setTimeout(() => socket.resetAndDestroy(), WAIT_MS.least + Math.random() * WAIT_MS.spread);
    this.waiting.set(socket, timer);
    socket.once('close', () => {
      clearTimeout(timer);
      this.waiting.delete(socket);
    });
  }

  /** Resets those that wait. From now on none waits. */
  close(): void {
    this.isClosed = true;
    for (const socket of this.waiting.keys()) socket.resetAndDestroy();
  }
}
