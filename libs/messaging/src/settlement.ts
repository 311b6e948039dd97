import { setTimeout as wait } from 'node:timers/promises';

import { describeError, type Logger } from '@signalbox/platform';

import type { DeadLetters } from './dead-letters.js';
import type { RawDelivery } from './delivery.js';
import { classifyFailure } from './failure.js';
import type { DeadLetterOptions, RetryPath } from './options.js';
import type { Retries } from './retries.js';

/** How long a message that cannot be dead-lettered is held before it goes back to its queue; up to half longer, at random. */
const HOLD_MS = 1_000;

export interface SettlementOptions {
  readonly deadLetters: DeadLetters;
  readonly retries: Retries;
  readonly logger: Logger;
}

/** Moves a message that was not handled: to a retry queue, to the dead letters, or back. No message is lost or redelivered in a hot loop. */
export class Settlement {
  private readonly stop = new AbortController();
  private failing = false;

  constructor(private readonly options: SettlementOptions) {}

  /**
   * Lets the message wait for its next try, or dead-letters it where there is none or where a retry cannot help.
   * Resolves true when it is safe elsewhere, false when it has to go back to its queue. Never rejects.
   */
  async afterFailure(source: RawDelivery, error: unknown, retry: RetryPath | undefined): Promise<boolean> {
    const { logger, retries } = this.options;
    const failure = classifyFailure(error);
    const { queue, messageId, type, tries } = source;
    if (failure.fate === 'dead') return this.deadLetter({ reason: failure.reason, detail: failure.detail, source });
    if (failure.fate === 'back') {
      logger.warn(
        { queue, messageId, type, reason: failure.detail },
        'outcome of a handler unknown; the message goes back to its queue',
      );
      return this.hold();
    }
    if (failure.fate === 'wait') {
      logger.debug(
        { queue, messageId, type, reason: failure.detail },
        'dependency of a handler unavailable; the message waits',
      );
      return retry === undefined ? this.hold() : this.elsewhere(source, () => retries.later(source, retry));
    }
    if (retry !== undefined && tries <= retry.queues.length) {
      logger.warn(
        { queue, messageId, type, tries, reason: failure.detail },
        'a handler failed; the message will be tried again',
      );
      return this.elsewhere(source, () => retries.again(source, retry));
    }
    logger.error({ err: error, queue, messageId, type, tries }, 'a handler failed');
    return this.deadLetter({ reason: 'handler-failed', detail: failure.detail, source });
  }

  /** As `afterFailure`, for what shall not be tried again. */
  deadLetter(options: DeadLetterOptions): Promise<boolean> {
    return this.elsewhere(options.source, () => this.options.deadLetters.publish(options));
  }

  /** Gives back at once what is held, now and from now on. */
  hurry(): void {
    this.stop.abort();
  }

  private async elsewhere(source: RawDelivery, move: () => Promise<void>): Promise<boolean> {
    try {
      await move();
      this.failing = false;
      return true;
    } catch (error) {
      const level = this.failing ? 'debug' : 'error';
      this.options.logger[level](
        { queue: source.queue, reason: describeError(error) },
        'message cannot be dead-lettered or delayed; it goes back to its queue',
      );
      this.failing = true;
      return this.hold();
    }
  }

  /** After a while: it goes back to its queue. */
  private async hold(): Promise<false> {
    await wait(HOLD_MS * (1 + Math.random() / 2), undefined, { signal: this.stop.signal }).catch(() => undefined);
    return false;
  }
}
