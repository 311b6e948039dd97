import type { Logger } from '@signalbox/platform';

import type { ConfirmPublisher } from './confirm-publisher.js';
import type { ConsumerContext } from './consumer.js';
import { decode } from './decode.js';
import { delivery, type RawDelivery } from './delivery.js';
import { describeError } from './describe-error.js';
import { RequestRefused } from './errors.js';
import { consumeMessages, DEFAULT_MAX_BYTES, Undecodable } from './message-subscription.js';
import type { ResponderOptions, Subscription } from './options.js';

/** The codes this package itself answers with. */
const INVALID_REQUEST = 'invalid_request';
const INTERNAL = 'internal';

/** Answers requests. Once a request is understood it is acknowledged whatever comes of it: its asker is told. */
export function respond<Req, Res>(
  context: ConsumerContext,
  publisher: ConfirmPublisher,
  options: ResponderOptions<Req, Res>,
): Subscription {
  const { schema, handler, maxBytes = DEFAULT_MAX_BYTES } = options;
  return consumeMessages(context, options, async (raw) => {
    if (hasPassed(raw.headers['deadline'])) return;
    const answer = (type: 'reply' | 'error', body: unknown): Promise<void> => reply({ publisher, raw, type, body, logger: context.logger });
    const decoded = decode(raw, schema, maxBytes);
    if (!decoded.ok) {
      if (!canReply(raw)) throw new Undecodable(decoded.reason, decoded.detail);
      return answer('error', { code: INVALID_REQUEST, message: decoded.detail });
    }
    let result: Res;
    try {
      result = await handler(delivery(raw, decoded.body));
    } catch (error) {
      if (error instanceof RequestRefused) return answer('error', { code: error.code, message: error.message });
      context.logger.error({ err: error, queue: raw.queue, messageId: raw.messageId }, 'a responder failed');
      return answer('error', { code: INTERNAL, message: 'the request could not be handled' });
    }
    return answer('reply', result ?? null);
  });
}

interface Reply {
  readonly publisher: ConfirmPublisher;
  readonly raw: RawDelivery;
  readonly type: 'reply' | 'error';
  readonly body: unknown;
  readonly logger: Logger;
}

/** A reply that cannot be sent is only logged: the asker's own deadline tells it that the outcome is unknown. */
async function reply({ publisher, raw, type, body, logger }: Reply): Promise<void> {
  if (!canReply(raw)) return;
  const { replyTo, correlationId, queue } = raw;
  try {
    await publisher.publish({ exchange: '', routingKey: replyTo, type, body, ...(correlationId !== undefined && { correlationId }) });
  } catch (error) {
    logger.warn({ queue, reason: describeError(error) }, 'a reply could not be sent');
  }
}

/** Only direct reply-to is answered: a request must not make us write into a queue that its sender may not write to itself. */
function canReply(raw: RawDelivery): raw is RawDelivery & { replyTo: string } {
  return raw.replyTo?.startsWith('amq.rabbitmq.reply-to.') ?? false;
}

/** The deadline is Unix ms by the asker's clock. */
function hasPassed(deadline: unknown): boolean {
  return typeof deadline === 'number' && deadline < Date.now();
}
