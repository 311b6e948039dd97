import { connect, type Channel, type GetMessage } from 'amqplib';
import { collectLogs, eventually, testBroker, type TestBroker } from '@signalbox/testing';

import { Amqp, type AmqpOptions, type Topology } from '../src/index.js';

export const EXCHANGE = 'test.events';
export const QUEUE = 'test.work';
export const DEAD_EXCHANGE = 'test.dead-letters';
export const DEAD_QUEUE = 'test.dead';

export const topology: Topology = {
  exchanges: [
    { name: EXCHANGE, type: 'topic' },
    { name: DEAD_EXCHANGE, type: 'topic' },
  ],
  queues: [
    { name: QUEUE, durable: true },
    { name: DEAD_QUEUE, durable: true },
  ],
  bindings: [
    { exchange: EXCHANGE, queue: QUEUE, key: 'work.#' },
    { exchange: DEAD_EXCHANGE, queue: DEAD_QUEUE, key: '#' },
  ],
};

/** A vhost of one's own, instances that are closed at the end, and a plain channel to inspect queues and to send malformed messages. */
export class Bench {
  private readonly logs = collectLogs();
  readonly lines = this.logs.lines;
  private readonly instances: Amqp[] = [];

  private constructor(
    readonly broker: TestBroker,
    readonly channel: Channel,
    private readonly disconnect: () => Promise<void>,
  ) {}

  static async start(): Promise<Bench> {
    const broker = await testBroker();
    const model = await connect(broker.url);
    model.on('error', () => undefined);
    const channel = await model.createChannel();
    return new Bench(broker, channel, () => model.close().catch(() => undefined));
  }

  /** An instance that is not open yet. */
  make(overrides: Partial<AmqpOptions> = {}): Amqp {
    const { logger } = this.logs;
    const reconnect = { minMs: 20, maxMs: 200 };
    const deadLetters = { exchange: DEAD_EXCHANGE };
    const amqp = new Amqp({
      url: this.broker.url,
      name: 'test',
      logger,
      topology,
      deadLetters,
      reconnect,
      ...overrides,
    });
    this.instances.push(amqp);
    return amqp;
  }

  async open(overrides: Partial<AmqpOptions> = {}): Promise<Amqp> {
    const amqp = this.make(overrides);
    await amqp.open();
    return amqp;
  }

  /** Has the broker close connections until the instance notices: its list of them may lag behind. */
  async cut(amqp: Amqp): Promise<void> {
    let noticed = false;
    const forget = amqp.onStatus(({ up }) => (noticed ||= !up));
    await eventually(async () => {
      await this.broker.closeAllConnections();
      return noticed;
    });
    forget();
  }

  /** Messages in a queue that are not delivered. */
  async count(queue: string): Promise<number> {
    return (await this.channel.checkQueue(queue)).messageCount;
  }

  /** Messages in a queue that are delivered and not acknowledged, when the broker has handled what was sent to it before. */
  async unacknowledged(queue: string): Promise<number> {
    const [all, waiting] = [await this.broker.messageCount(queue), await this.count(queue)];
    return (all ?? 0) - waiting;
  }

  /** Waits for dead letters and removes them. */
  async deadLettered(count: number): Promise<GetMessage[]> {
    await eventually(async () => (await this.count(DEAD_QUEUE)) >= count);
    const taken: GetMessage[] = [];
    for (let message = await this.channel.get(DEAD_QUEUE, { noAck: true }); message;) {
      taken.push(message);
      message = await this.channel.get(DEAD_QUEUE, { noAck: true });
    }
    return taken;
  }

  async stop(): Promise<void> {
    await Promise.allSettled(this.instances.map((amqp) => amqp.close()));
    await this.disconnect();
    await this.broker.remove();
  }
}

/** A promise to be let go by the test. */
export function gate(): { readonly passed: Promise<void>; open(): void } {
  let open!: () => void;
  const passed = new Promise<void>((resolve) => (open = resolve));
  return { passed, open };
}
