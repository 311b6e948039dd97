import { randomUUID } from 'node:crypto';
import {
  exchanges,
  forgetReaderRequest,
  partitionKey,
  partitionRequestsQueue,
  showReaderRequest,
} from '@signalbox/contracts/messages';
import type { Amqp, Subscription } from '@signalbox/messaging';
import type { Logger } from '@signalbox/platform';
import { z } from 'zod';
import type { ForgetRequests } from './forget-requests.js';
import type { ShowRequests } from './show-requests.js';

const requests = z.union([forgetReaderRequest, showReaderRequest]);

export interface PartitionRequestsOptions {
  /** Of the partition. */
  readonly number: number;
  readonly forget: Pick<ForgetRequests, 'answer'>;
  readonly show: Pick<ShowRequests, 'answer'>;
  readonly amqp: Pick<Amqp, 'respond'>;
  readonly logger: Logger;
}

/** Answers requests about readers, while this process owns their partition. */
export class PartitionRequests {
  private readonly subscription: Subscription;

  constructor(private readonly options: PartitionRequestsOptions) {
    const { number, forget, show, amqp } = options;
    const queue = partitionRequestsQueue(number, randomUUID());
    this.subscription = amqp.respond<z.infer<typeof requests>, unknown>({
      queue: queue.name,
      declare: {
        exchanges: [exchanges.requests],
        queues: [queue],
        bindings: [{ exchange: exchanges.requests.name, queue: queue.name, key: partitionKey(number) }],
      },
      prefetch: 1,
      schema: requests,
      handler: ({ body, messageId }) =>
        'id' in body ? show.answer(body.id) : forget.answer(body.reader_id, messageId),
    });
    this.subscription.ready.catch(() => undefined);
  }

  /** Resolves when no request is being answered any more. */
  async stop(): Promise<void> {
    await this.subscription.close().catch((error: unknown) => {
      this.options.logger.debug({ err: error }, 'requests queue of the partition not closed in order');
    });
  }
}
