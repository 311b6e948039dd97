import type { ConsumeMessage, Options } from 'amqplib';

/** A message on its way through the broker. */
export interface MemoryMessage {
  readonly exchange: string;
  readonly routingKey: string;
  readonly content: Buffer;
  readonly properties: Options.Publish;
  /** How often it was handed out and came back. */
  returns: number;
}

/** A message that leaves a queue for another place: why it went there is added to its headers, as RabbitMQ writes it. */
export function deathOf(
  message: MemoryMessage,
  {
    queue,
    reason,
    routingKey,
    exchange,
  }: { queue: string; reason: string; routingKey: string | undefined; exchange: string },
): MemoryMessage {
  const headers: Record<string, unknown> = { ...message.properties.headers };
  const before = (headers['x-death'] as { queue: string; reason: string; count: number }[] | undefined) ?? [];
  const same = before.find((each) => each.queue === queue && each.reason === reason);
  const death = {
    count: (same?.count ?? 0) + 1,
    reason,
    queue,
    exchange: message.exchange,
    'routing-keys': [message.routingKey],
  };
  const { expiration: _, ...properties } = message.properties;
  return {
    exchange,
    routingKey: routingKey ?? message.routingKey,
    content: message.content,
    properties: {
      ...properties,
      headers: {
        'x-first-death-reason': reason,
        'x-first-death-queue': queue,
        'x-first-death-exchange': message.exchange,
        ...headers,
        'x-death': [death, ...before.filter((each) => each !== same)],
      },
    },
    returns: 0,
  };
}

export interface DeliveredAs {
  readonly deliveryTag: number;
  readonly consumerTag: string;
}

/** A message as amqplib gives it to a consumer. */
export function delivered(message: MemoryMessage, { deliveryTag, consumerTag }: DeliveredAs): ConsumeMessage {
  const { exchange, routingKey, content, properties, returns } = message;
  return {
    content: Buffer.from(content),
    fields: { deliveryTag, consumerTag, exchange, routingKey, redelivered: returns > 0 },
    properties: amqplibProperties(properties),
  };
}

/** A message as amqplib gives it back to its sender, or out of a queue. */
export function amqplibProperties(options: Options.Publish): ConsumeMessage['properties'] {
  const {
    contentType,
    contentEncoding,
    headers,
    persistent,
    priority,
    correlationId,
    replyTo,
    expiration,
    messageId,
    timestamp,
    type,
    appId,
  } = options;
  const properties = {
    contentType,
    contentEncoding,
    headers: headers ?? {},
    deliveryMode: persistent ? 2 : 1,
    priority,
    correlationId,
    replyTo,
    expiration: expiration === undefined ? undefined : String(expiration),
    messageId,
    timestamp,
    type,
    appId,
    userId: undefined,
    clusterId: undefined,
  };
  return properties as unknown as ConsumeMessage['properties'];
}
