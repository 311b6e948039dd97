import type { Channel, ConsumeMessage } from 'amqplib';

import { Consumer, type ConsumerContext } from './consumer.js';
import { decode, type UndecodableReason } from './decode.js';
import { delivery, rawDelivery, type RawDelivery } from './delivery.js';
import { describeError } from './describe-error.js';
import type { HandlerOptions, Subscription, SubscriptionOptions } from './options.js';
import { Settlement } from './settlement.js';

export const DEFAULT_MAX_BYTES = 1024 * 1024;
const DEFAULT_PREFETCH = 100;

/** A message nobody can make sense of. */
export class Undecodable extends Error {
  constructor(
    readonly reason: UndecodableReason,
    readonly detail: string,
  ) {
    super(detail);
  }
}

/** Decodes each message for the handler; what does not decode is parked with the decoder's reason. */
export function subscribe<T>(context: ConsumerContext, options: SubscriptionOptions<T>): Subscription {
  const { schema, handler, maxBytes = DEFAULT_MAX_BYTES } = options;
  return consumeMessages(context, options, (raw) => {
    const decoded = decode(raw, schema, maxBytes);
    if (!decoded.ok) throw new Undecodable(decoded.reason, decoded.detail);
    return handler(delivery(raw, decoded.body));
  });
}

/** Hands each message to `run`: when that is through the message is acknowledged, when it fails the message is parked. */
export function consumeMessages(
  context: ConsumerContext,
  options: HandlerOptions,
  run: (raw: RawDelivery) => void | Promise<void>,
): Subscription {
  const settlement = new Settlement(context.deadLetters, context.logger);
  const running = new Set<Promise<void>>();

  function onMessage(channel: Channel, message: ConsumeMessage): void {
    const source = rawDelivery(options.queue, message);
    const failed = (error: unknown): Promise<void> => {
      if (error instanceof Undecodable) return settlement.park(channel, message, { reason: error.reason, detail: error.detail, source });
      context.logger.error({ err: error, queue: source.queue, messageId: source.messageId }, 'a handler failed');
      return settlement.park(channel, message, { reason: 'handler-failed', detail: describeError(error), source });
    };
    let result: void | Promise<void>;
    try {
      result = run(source);
    } catch (error) {
      return track(failed(error));
    }
    // A handler that needs no promise gets none: at many thousand messages a second that shows.
    if (result === undefined) settlement.ack(channel, message);
    else track(Promise.resolve(result).then(() => settlement.ack(channel, message), failed));
  }

  function track(work: Promise<void>): void {
    running.add(work);
    void work.finally(() => running.delete(work));
  }

  return new Consumer(context, options, {
    prefetch: options.prefetch ?? DEFAULT_PREFETCH,
    onMessage,
    onLost: () => undefined,
    stop: () => settlement.hurry(),
    drained: async () => {
      while (running.size > 0) await Promise.all(running);
    },
  });
}
