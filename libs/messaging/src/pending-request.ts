import type { RawDelivery } from './delivery.js';
import type { RequestError } from './errors.js';

/** A request that waits for its reply. The reply to any of its attempts answers it, also one that comes late. */
export class PendingRequest {
  private readonly reply: Promise<RawDelivery>;
  /** Called with the reply. */
  answer!: (reply: RawDelivery) => void;
  private failAttempt: ((error: RequestError) => void) | undefined;

  constructor() {
    this.reply = new Promise((resolve) => (this.answer = resolve));
  }

  /** Ends the attempt in progress. Between two attempts it does nothing. */
  fail(error: RequestError): void {
    this.failAttempt?.(error);
  }

  /**
   * Sends the request and waits. Resolves with the reply, or with undefined where there is none after `ms`.
   * @throws RequestError where the attempt fails, and whatever `send` throws
   */
  async attempt(ms: number, send: () => void): Promise<RawDelivery | undefined> {
    const failure = new Promise<never>((_, reject) => (this.failAttempt = reject));
    try {
      send();
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
