import type { ConfirmPublisher } from './confirm-publisher.js';
import type { OriginHeaders, RawDelivery } from './delivery.js';
import type { RetryPath } from './options.js';
import { keptHeaders, shortString } from './dead-letter-headers.js';

/** Sends a message to wait in a retry queue, from which the broker puts it back into the queue it came from. */
export class Retries {
  constructor(private readonly publisher: ConfirmPublisher) {}

  /**
   * Resolves when the broker holds the message in the retry queue of its next try.
   * @throws PublishError
   */
  again(source: RawDelivery, path: RetryPath): Promise<void> {
    return this.sendTo(path.queues[source.tries - 1], source, { exchange: path.exchange, tries: source.tries });
  }

  /**
   * As `again`, but this try does not count: it was not the message that failed. The second wait of the path is taken each time.
   * @throws PublishError
   */
  later(source: RawDelivery, { exchange, queues }: RetryPath): Promise<void> {
    return this.sendTo(queues[Math.min(1, queues.length - 1)], source, { exchange, tries: source.tries - 1 });
  }

  private async sendTo(
    queue: string | undefined,
    source: RawDelivery,
    { exchange, tries }: { exchange: string; tries: number },
  ): Promise<void> {
    const { content, contentType, messageId, correlationId, type, user } = source;
    const origin: OriginHeaders = {
      tries,
      'origin-exchange': source.exchange,
      'origin-routing-key': source.routingKey,
      ...(user !== undefined && { 'origin-user': user }),
    };
    await this.publisher.publish({
      exchange,
      routingKey: queue ?? '',
      type: shortString(type ?? 'unknown'),
      body: undefined,
      raw: { content, contentType: contentType === undefined ? undefined : shortString(contentType) },
      ...(messageId !== undefined && { messageId: shortString(messageId) }),
      ...(correlationId !== undefined && { correlationId: shortString(correlationId) }),
      headers: { ...keptHeaders(source.headers), ...origin },
      mandatory: true,
      persistent: true,
    });
  }
}
