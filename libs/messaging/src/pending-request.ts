import type { RawDelivery } from './delivery.js';
import type { RequestError } from './errors.js';

/**
 * A request that waits for its reply. The reply to any of its attempts answers it, also one that comes late. An error counts only as
 * the reply to the latest attempt: after the error of an earlier one, a later one may still take effect.
 */
export class PendingRequest {
  private readonly reply: Promise<RawDelivery>;
  private resolve!: (reply: RawDelivery) => void;
  private failAttempt: ((error: RequestError) => void) | undefined;
  /** The number of the attempt that was sent last; the first is 1. */
  private latest = 0;

  constructor() {
    this.reply = new Promise((resolve) => (this.resolve = resolve));
  }

  /** @param attempt the number of the attempt that it replies to */
  answer(reply: RawDelivery, attempt: number): void {
    if (reply.type !== 'error' || attempt === this.latest) this.resolve(reply);
  }

  /** Ends the attempt in progress, or only the one with this number. Between two attempts it does nothing. */
  fail(error: RequestError, attempt = this.latest): void {
    if (attempt === this.latest) this.failAttempt?.(error);
  }

  /**
   * Sends the request and waits. Resolves with the reply, or with undefined where there is none after `ms`.
   * @param send gets the number of this attempt
   * @throws RequestError where the attempt fails, and whatever `send` throws
   */
  async attempt(ms: number, send: (attempt: number) => void): Promise<RawDelivery | undefined> {
    const failure = new Promise<never>((_, reject) => (this.failAttempt = reject));
    try {
      send(this.latest + 1);
      this.latest += 1;
      return await Promise.race([this.replyWithin(ms), failure]);
    } finally {
      this.failAttempt = undefined;
    }
  }

  /** The reply, or undefined where there is none after `ms`. */
  async replyWithin(ms: number): Promise<RawDelivery | undefined> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<undefined>((resolve) => (timer = setTimeout(resolve, ms, undefined)));
    try {
      return await Promise.race([this.reply, late]);
    } finally {
      clearTimeout(timer);
    }
  }
}
