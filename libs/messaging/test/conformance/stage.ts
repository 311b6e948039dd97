import { collectLogs, eventually, testBroker, type TestBroker } from '@signalbox/testing';
import { afterEach, beforeEach } from 'vitest';
import { z } from 'zod';

import { Amqp, type RawDelivery, type SubscriptionOptions } from '../../src/index.js';
import { DEAD_EXCHANGE, DEAD_QUEUE, EXCHANGE, QUEUE, topology as base } from '../support.js';

const RETRY = 'test.retry';
/** Two retries. Their delays are short, since the path is tested and not the delay. */
export const WAITING = [`${QUEUE}.retry.short`, `${QUEUE}.retry.longer`];
const waiting = (name: string, ttl: number) => ({
  name,
  durable: true,
  arguments: { 'x-message-ttl': ttl, 'x-dead-letter-exchange': RETRY, 'x-dead-letter-routing-key': QUEUE },
});
const topology = {
  exchanges: [...base.exchanges, { name: RETRY, type: 'topic' as const }],
  queues: [...base.queues, waiting(WAITING[0]!, 50), waiting(WAITING[1]!, 150)],
  bindings: [...base.bindings, ...[QUEUE, ...WAITING].map((queue) => ({ exchange: RETRY, queue, key: queue }))],
};
export const retry = { exchange: RETRY, queues: WAITING };

export const item = z.object({ n: z.int() });
type Item = z.output<typeof item>;

/** For a `describe`: each of its tests has a RabbitMQ vhost of its own, and opens instances that are closed at its end. */
export function conformanceStage() {
  let current: TestBroker;
  const opened: Amqp[] = [];

  beforeEach(async () => {
    current = await testBroker();
  });
  afterEach(async () => {
    await Promise.allSettled(opened.splice(0).map((amqp) => amqp.close()));
    await current.remove();
  });

  const broker = {
    /** Messages in the queue, also those delivered and not acknowledged. */
    count: (queue: string) => current.messageCount(queue),
    deleteQueue: (queue: string) => current.deleteQueue(queue),
    closeAllConnections: () => current.closeAllConnections(),
  };

  const open = async (): Promise<Amqp> => {
    const amqp = new Amqp({
      url: current.url,
      name: 'test',
      logger: collectLogs().logger,
      topology,
      deadLetters: { exchange: DEAD_EXCHANGE },
      reconnect: { minMs: 20, maxMs: 200 },
    });
    opened.push(amqp);
    await amqp.open();
    return amqp;
  };

  const send = (amqp: Amqp, n: unknown, more: object = {}) =>
    amqp.publisher.publish({
      exchange: EXCHANGE,
      routingKey: 'work.a',
      type: 'item',
      body: { n },
      mandatory: true,
      ...more,
    });

  const subscribe = async (
    amqp: Amqp,
    handler: SubscriptionOptions<Item>['handler'],
    more: Partial<SubscriptionOptions<Item>> = {},
  ) => {
    const subscription = amqp.subscribe({ queue: QUEUE, schema: item, handler, ...more });
    await subscription.ready;
    return subscription;
  };

  /** Closes every connection, and resolves when the instance has noticed. */
  const cut = async (amqp: Amqp): Promise<void> => {
    let noticed = false;
    const stop = amqp.onStatus(({ up }) => (noticed ||= !up));
    await broker.closeAllConnections();
    await eventually(() => noticed);
    stop();
  };

  /** The dead letters, as their operators see them. */
  const deadLettered = async (amqp: Amqp, count: number): Promise<RawDelivery[]> => {
    const found: RawDelivery[] = [];
    const subscription = amqp.subscribeBatch({ queue: DEAD_QUEUE, handler: (batch) => void found.push(...batch) });
    await eventually(() => found.length >= count);
    await subscription.close();
    return found;
  };

  return { broker, cut, deadLettered, open, send, subscribe };
}
