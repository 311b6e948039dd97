import type { Client } from 'pg';
import { silentFor } from './open-socket.js';

export interface AnswerWatchOptions {
  readonly client: Client;
  readonly socket: { readonly bytesWritten: number; isPaused(): boolean; destroy(error: Error): unknown };
  /** When something arrived last, by `performance.now()`. */
  readonly receivedAt: () => number;
  readonly silenceMs: number;
}

/**
 * Ends a connection whose server owes an answer and sends nothing for too long: it was stopped, or something between swallows the bytes,
 * and TCP notices neither. What counts is silence, not the length of an answer. It looks twelve times in that time.
 */
export class AnswerWatch {
  private during = 'the catalog was read';
  private silenceMs: number;
  /** Bytes to the server when it had answered all of them. */
  private answered: number;
  private waitingSince = performance.now();
  private readonly timer: NodeJS.Timeout;

  constructor(private readonly options: AnswerWatchOptions) {
    const { client, socket, silenceMs } = options;
    this.silenceMs = silenceMs;
    this.answered = socket.bytesWritten;
    client.on('drain', () => (this.answered = socket.bytesWritten));
    this.timer = setInterval(() => this.look(), silenceMs / 12).unref();
  }

  /** What is asked from now on. `silenceMs`: where an answer takes longer to begin. */
  expect(during: string, silenceMs = this.options.silenceMs): void {
    this.during = during;
    this.silenceMs = silenceMs;
  }

  end(): void {
    clearInterval(this.timer);
  }

  private look(): void {
    const { socket, receivedAt } = this.options;
    const now = performance.now();
    const owesAnswer = socket.bytesWritten !== this.answered;
    // While the reader pauses, nothing arrives.
    if (!owesAnswer || socket.isPaused()) this.waitingSince = now;
    else if (now - Math.max(this.waitingSince, receivedAt()) > this.silenceMs)
      socket.destroy(silentFor(this.silenceMs, this.during));
  }
}
