import type { Logger } from '@signalbox/platform';

import type { ConfirmPublisher } from './confirm-publisher.js';
import { deadLetterHeaders, shortString } from './dead-letter-headers.js';
import type { DeadLetterOptions } from './options.js';
import type { MessagingRecorder } from './recorder.js';

/** A flood of bad messages makes one line in this time, not one each. */
const LOG_EVERY_MS = 10_000;

export interface DeadLettersOptions {
  readonly publisher: ConfirmPublisher;
  readonly exchange: string;
  readonly recorder: MessagingRecorder;
  readonly logger: Logger;
}

/** Publishes dead letters to their exchange, with the reason and the source of each. */
export class DeadLetters {
  private loggedAt = -Infinity;
  private unlogged = 0;

  constructor(private readonly options: DeadLettersOptions) {}

  /**
   * Resolves when the broker holds the dead letter in a queue; only then may the original be acknowledged.
   * @throws PublishError
   */
  async publish(letter: DeadLetterOptions): Promise<void> {
    const { publisher, exchange, recorder } = this.options;
    const { source, reason, item } = letter;
    await publisher.publish({
      exchange,
      routingKey: shortString(source.queue),
      type: shortString(source.type ?? 'unknown'),
      body: item?.body,
      ...(!item && { raw: { content: source.content, contentType: contentType(source.contentType) } }),
      // An item is a message of its own: only a message that is dead-lettered as a whole keeps its id.
      ...(!item && source.messageId !== undefined && { messageId: shortString(source.messageId) }),
      ...(source.correlationId !== undefined && { correlationId: shortString(source.correlationId) }),
      headers: deadLetterHeaders(letter, new Date()),
      mandatory: true,
      persistent: true,
    });
    recorder.deadLettered(reason);
    this.log(source.queue, letter);
  }

  private log(queue: string, { reason, source, sender = source.sender }: DeadLetterOptions): void {
    this.unlogged++;
    const now = performance.now();
    if (now - this.loggedAt < LOG_EVERY_MS) return;
    this.options.logger.warn({ queue, reason, sender, dead_lettered: this.unlogged }, 'messages dead-lettered');
    this.loggedAt = now;
    this.unlogged = 0;
  }
}

function contentType(given: string | undefined): string | undefined {
  return given === undefined ? undefined : shortString(given);
}
