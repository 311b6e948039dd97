import type { ConsumeMessage } from 'amqplib';
import { SparseLog, systemClock, type Logger } from '@signalbox/platform';

import { rawDelivery, type RawDelivery } from './delivery.js';
import type { PublishedTo, RetryPath, SenderRules } from './options.js';
import type { MessagingRecorder } from './recorder.js';

export interface SenderCheckOptions {
  /** The user of this process at the broker. */
  readonly user: string;
  /** Undefined: every sender is believed. */
  readonly rules: SenderRules | undefined;
  readonly recorder: MessagingRecorder;
  readonly logger: Logger;
}

/** Decides who is believed. The broker has validated the `user-id` of a message against the connection that it came by. */
export class SenderCheck {
  constructor(readonly options: SenderCheckOptions) {}

  /** The check of what is taken from one queue. */
  of(queue: string, retry?: RetryPath): QueueSenderCheck {
    return new QueueSenderCheck(queue, retry?.exchange, this.options);
  }
}

/** The check of one queue: reads its messages, and counts and logs those whose sender is not believed. */
export class QueueSenderCheck {
  private readonly sparse = new SparseLog(systemClock);

  constructor(
    private readonly queue: string,
    private readonly retryExchange: string | undefined,
    private readonly options: SenderCheckOptions,
  ) {}

  read(message: ConsumeMessage): RawDelivery {
    return rawDelivery(this.queue, message, this.isPassedOn(message));
  }

  /** Whether the sender of a message may have sent it. One that may not is counted. */
  accepts({ fields, properties }: ConsumeMessage): boolean {
    const { rules, user } = this.options;
    if (rules === undefined) return true;
    const sender = textOf(properties.userId);
    // What this process itself let wait for its next try was checked before.
    if (sender === user && fields.exchange !== '' && fields.exchange === this.retryExchange) return true;
    return this.judge(rules.sendersOf(fields), sender);
  }

  /** The same of the reply to a request that was published like this. */
  acceptsReply({ properties }: ConsumeMessage, request: PublishedTo): boolean {
    const { rules } = this.options;
    return rules === undefined || this.judge(rules.answerersOf(request), textOf(properties.userId));
  }

  private judge(senders: 'anyone' | readonly string[], sender: string | undefined): boolean {
    if (senders === 'anyone' || (sender !== undefined && senders.includes(sender))) return true;
    this.refuse(sender);
    return false;
  }

  /**
   * Whether headers may say where the message was published first: it comes back from a retry queue, into which only this user puts what
   * this process consumes, or a user replays it whose word is taken for anything.
   */
  private isPassedOn({ fields: { exchange, routingKey }, properties }: ConsumeMessage): boolean {
    if (exchange !== '' && exchange !== this.retryExchange) return false;
    const { rules, user } = this.options;
    if (rules === undefined) return true;
    const sender = textOf(properties.userId);
    if (sender === user) return exchange !== '';
    const senders = rules.sendersOf({ exchange, routingKey });
    return senders !== 'anyone' && sender !== undefined && senders.includes(sender);
  }

  private refuse(sender: string | undefined): void {
    const { recorder, logger, rules } = this.options;
    const known = sender === undefined ? 'none' : rules?.users.includes(sender) ? sender : 'other';
    recorder.senderRefused(this.queue, known);
    const refused = this.sparse.due(this.queue);
    if (refused === undefined) return;
    logger.warn(
      { queue: this.queue, sender: sender?.slice(0, 100), refused },
      'messages refused: their sender may not send them',
    );
  }
}

const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);
