import { MemoryBroker, testBroker } from '@signalbox/testing';

import type { AmqpOptions } from '../src/index.js';

/** What the conformance suite needs of a broker besides what it is tested for. */
export interface BrokerUnderTest {
  readonly options: Pick<AmqpOptions, 'url' | 'connect'>;
  /** Messages in the queue, also those handed out. */
  count(queue: string): Promise<number | undefined>;
  deleteQueue(queue: string): Promise<void>;
  closeAllConnections(): Promise<void>;
  remove(): Promise<void>;
}

async function rabbitMq(): Promise<BrokerUnderTest> {
  const broker = await testBroker();
  return {
    options: { url: broker.url },
    count: (queue) => broker.messageCount(queue),
    deleteQueue: (queue) => broker.deleteQueue(queue),
    closeAllConnections: async () => void (await broker.closeAllConnections()),
    remove: () => broker.remove(),
  };
}

async function memory(): Promise<BrokerUnderTest> {
  const broker = new MemoryBroker();
  return {
    options: { url: 'amqp://memory', connect: broker.connect },
    count: async (queue) => broker.messageCount(queue),
    deleteQueue: (queue) => broker.deleteQueue(queue),
    closeAllConnections: async () => broker.closeAllConnections(),
    remove: async () => undefined,
  };
}

export const brokers = [
  { name: 'RabbitMQ', start: rabbitMq },
  { name: 'MemoryBroker', start: memory },
] as const;
