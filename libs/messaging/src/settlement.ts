import { setTimeout as wait } from 'node:timers/promises';

import type { Channel, ConsumeMessage } from 'amqplib';
import type { Logger } from '@signalbox/platform';

import type { DeadLetters } from './dead-letters.js';
import { describeError } from './describe-error.js';
import type { ParkOptions } from './options.js';

/** How long a message that could not even be parked is held before it goes back to its queue: up to half longer, by chance. */
const HOLD_MS = 1_000;

/** Acknowledges messages, or parks what cannot be handled, or gives it back. Nothing is lost and nothing goes round hot. */
export class Settlement {
  readonly #stop = new AbortController();
  #failing = false;

  constructor(
    private readonly deadLetters: DeadLetters,
    private readonly logger: Logger,
  ) {}

  /** `multiple`: this message and all before it on its channel. */
  ack(channel: Channel, message: ConsumeMessage, multiple = false): void {
    ignoreClosed(() => channel.ack(message, multiple));
  }

  /** Parks and acknowledges. Where parking fails the message goes back to its queue after a while. Never rejects. */
  async park(channel: Channel, message: ConsumeMessage, options: ParkOptions): Promise<void> {
    try {
      await this.deadLetters.park(options);
      this.#failing = false;
      this.ack(channel, message);
    } catch (error) {
      this.logger[this.#failing ? 'debug' : 'error']({ queue: options.source.queue, reason: describeError(error) }, 'cannot park a message');
      this.#failing = true;
      await wait(HOLD_MS * (1 + Math.random() / 2), undefined, { signal: this.#stop.signal }).catch(() => undefined);
      ignoreClosed(() => channel.nack(message, false, true));
    }
  }

  /** Gives back at once what is held, now and from now on. */
  hurry(): void {
    this.#stop.abort();
  }
}

/** A channel that is gone settles nothing; the broker hands its messages out again. */
function ignoreClosed(settle: () => void): void {
  try {
    settle();
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'IllegalOperationError') throw error;
  }
}
