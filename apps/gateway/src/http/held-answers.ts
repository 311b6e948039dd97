import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { stopReading } from './late-resets.js';

/**
 * How long an answer is held back: over a few connections a client sends no faster than that. Not all for the same time, or they
 * would be sent together.
 */
const HOLD_MS = { least: 1_000, spread: 1_000 };

interface Held {
  readonly timer: NodeJS.Timeout;
  readonly answer: () => void;
  isLast: boolean;
}

/** Answers that are held back, one for each connection. */
export class HeldAnswers {
  private readonly held = new Map<Socket, Held>();

  get size(): number {
    return this.held.size;
  }

  has(socket: Socket): boolean {
    return this.held.has(socket);
  }

  /** Whether the answer that is held ends the connection. */
  isLast(socket: Socket): boolean {
    return this.held.get(socket)?.isLast === true;
  }

  /** @param send with the time for which it was held, ms */
  hold(socket: Socket, response: ServerResponse, send: (heldMs: number) => void): void {
    const heldAt = performance.now();
    const answer = (): void => {
      this.held.delete(socket);
      if (held.isLast) response.shouldKeepAlive = false;
      send(performance.now() - heldAt);
    };
    const timer = setTimeout(answer, HOLD_MS.least + Math.random() * HOLD_MS.spread);
    const held: Held = { timer, answer, isLast: false };
    this.held.set(socket, held);
    response.once('close', () => {
      clearTimeout(timer);
      if (this.held.get(socket) === held) this.held.delete(socket);
    });
  }

  /** Nothing more is read from the connection, which ends with the answer. */
  end(socket: Socket): void {
    stopReading(socket);
    this.held.get(socket)!.isLast = true;
  }

  /** Sends all. */
  release(): void {
    for (const { timer, answer } of this.held.values()) {
      clearTimeout(timer);
      answer();
    }
  }
}
