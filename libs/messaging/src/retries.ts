import type { ConfirmPublisher } from './confirm-publisher.js';
import type { RawDelivery } from './delivery.js';
import type { RetryPath } from './options.js';
import { keptHeaders, shortString } from './parking-headers.js';

/** Sends a message to wait in a retry queue, from which the broker puts it back into the queue it came from. */
export class Retries {
  constructor(private readonly publisher: ConfirmPublisher) {}

  /**
   * Resolves when the broker holds the message in the retry queue of its next try.
   * @throws PublishError
   */
  async again(source: RawDelivery, { exchange, queues }: RetryPath): Promise<void> {
    const { content, contentType, messageId, correlationId, type, tries } = source;
    await this.publisher.publish({
      exchange,
      routingKey: queues[tries - 1] ?? '',
      type: shortString(type ?? 'unknown'),
      body: undefined,
      raw: { content, contentType: contentType === undefined ? undefined : shortString(contentType) },
      ...(messageId !== undefined && { messageId: shortString(messageId) }),
      ...(correlationId !== undefined && { correlationId: shortString(correlationId) }),
      headers: {
        ...keptHeaders(source.headers),
        tries,
        'origin-exchange': source.exchange,
        'origin-routing-key': source.routingKey,
      },
      mandatory: true,
      persistent: true,
    });
  }
}
