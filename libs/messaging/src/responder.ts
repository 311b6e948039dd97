import { describeError, type Logger } from '@signalbox/platform';

import type { ConfirmPublisher } from './confirm-publisher.js';
import type { ConsumerContext } from './consumer.js';
import { decode } from './decode.js';
import { deadlineOf, delivery, type RawDelivery } from './delivery.js';
import { DeadMessage, ExpiredMessage, RequestRefused, TryAgain, Unavailable } from './errors.js';
import { ExpiredRequests } from './expired-requests.js';
import { consumeMessages, DEFAULT_MAX_BYTES } from './message-subscription.js';
import { isReplyQueue } from './reply-queue.js';
import type { ResponderOptions, Subscription } from './options.js';
import type { RequestFailure } from './recorder.js';

/** The codes this package itself answers with. */
const INVALID_REQUEST = 'invalid_request';
const INTERNAL = 'internal';

/** How replies are sent. */
export interface ReplyPath {
  readonly publisher: ConfirmPublisher;
  /** Its keys are the queues of requesters. */
  readonly exchange: string;
}

/** Answers requests. A request that was decoded is acknowledged whatever its outcome, which the reply reports. */
export function respond<Req, Res>(
  context: ConsumerContext,
  { publisher, exchange }: ReplyPath,
  options: ResponderOptions<Req, Res>,
): Subscription {
  const { schema, handler, maxBytes = DEFAULT_MAX_BYTES } = options;
  const { logger } = context;
  const expired = new ExpiredRequests(options.queue, logger);

  async function handle(raw: RawDelivery): Promise<Res> {
    const decoded = decode(raw, schema, maxBytes);
    if (!decoded.ok) throw new DeadMessage(decoded.reason, decoded.detail);
    return handler(delivery(raw, decoded.body));
  }

  return consumeMessages(context, options, async (raw) => {
    const asked = canReply(raw);
    let result: Res;
    try {
      if (hasPassed(deadlineOf(raw))) throw new ExpiredMessage();
      result = await handle(raw);
    } catch (error) {
      if (asked && error instanceof ExpiredMessage) {
        expired.add();
        return 'expired';
      }
      if (!asked || error instanceof TryAgain) throw error;
      await reply({ publisher, exchange, raw, type: 'error', body: refusalOf(error, raw, logger), logger });
      return failureOf(error);
    }
    if (asked) await reply({ publisher, exchange, raw, type: 'reply', body: result ?? null, logger });
    return undefined;
  });
}

/** What the requester gets. */
function refusalOf(error: unknown, raw: RawDelivery, logger: Logger): { code: string; message: string } {
  if (error instanceof RequestRefused || error instanceof Unavailable)
    return { code: error.code, message: error.message };
  if (error instanceof DeadMessage) return { code: INVALID_REQUEST, message: error.detail };
  logger.error({ err: error, queue: raw.queue, messageId: raw.messageId, type: raw.type }, 'a responder failed');
  return { code: INTERNAL, message: 'the request could not be handled' };
}

/** Whose fault it is: the requester's, or not. */
const failureOf = (error: unknown): RequestFailure =>
  error instanceof RequestRefused || error instanceof DeadMessage ? 'refused' : 'failed';

interface Reply extends ReplyPath {
  readonly raw: RawDelivery & { replyTo: string };
  readonly type: 'reply' | 'error';
  readonly body: unknown;
  readonly logger: Logger;
}

/** A reply that cannot be sent is only logged: after its deadline the requester knows that the outcome is unknown. */
async function reply({ publisher, exchange, raw, type, body, logger }: Reply): Promise<void> {
  const { replyTo, correlationId, queue } = raw;
  try {
    await publisher.publish({
      exchange,
      routingKey: replyTo,
      type,
      body,
      ...(correlationId !== undefined && { correlationId }),
    });
  } catch (error) {
    logger.warn({ queue, reason: describeError(error) }, 'a reply could not be sent');
  }
}

/** A request must not make us write anywhere but into a queue for replies. */
function canReply(raw: RawDelivery): raw is RawDelivery & { replyTo: string } {
  return raw.replyTo !== undefined && isReplyQueue(raw.replyTo);
}

/** The deadline is Unix ms by the requester's clock. */
function hasPassed(deadline: number | undefined): boolean {
  return deadline !== undefined && deadline < Date.now();
}
