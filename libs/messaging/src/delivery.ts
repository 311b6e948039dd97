import type { ConsumeMessage } from 'amqplib';

/** A message as it arrived, its body not yet looked at. */
export interface RawDelivery {
  readonly content: Buffer;
  readonly contentType: string | undefined;
  readonly contentEncoding: string | undefined;
  readonly messageId: string | undefined;
  readonly type: string | undefined;
  readonly correlationId: string | undefined;
  readonly replyTo: string | undefined;
  /** The queue it was taken from. */
  readonly queue: string;
  readonly exchange: string;
  readonly routingKey: string;
  readonly headers: Readonly<Record<string, unknown>>;
  /** True when the broker has handed it out before: its effect may have happened already. */
  readonly redelivered: boolean;
}

/** A message whose body was decoded and accepted by the subscription's schema. */
export interface Delivery<T> {
  readonly body: T;
  readonly messageId: string | undefined;
  readonly type: string | undefined;
  readonly routingKey: string;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly redelivered: boolean;
}

/** The parts of an AMQP message that the rest of this package speaks of. */
export function rawDelivery(queue: string, { content, fields, properties }: ConsumeMessage): RawDelivery {
  return {
    content,
    contentType: properties.contentType,
    contentEncoding: properties.contentEncoding,
    messageId: properties.messageId,
    type: properties.type,
    correlationId: properties.correlationId,
    replyTo: properties.replyTo,
    queue,
    exchange: fields.exchange,
    routingKey: fields.routingKey,
    headers: properties.headers ?? {},
    redelivered: fields.redelivered,
  };
}

/** What a handler gets to see of a message besides its body. */
export function delivery<T>(raw: RawDelivery, body: T): Delivery<T> {
  const { messageId, type, routingKey, headers, redelivered } = raw;
  return { body, messageId, type, routingKey, headers, redelivered };
}
