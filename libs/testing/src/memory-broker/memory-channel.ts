import { randomUUID } from 'node:crypto';
import { EventEmitter } from 'node:events';
import type { ConsumeMessage, Options } from 'amqplib';
import { ChannelRefusal, REPLY_TO } from './channel-refusal.js';
import type { MemoryBroker } from './memory-broker.js';
import { amqplibProperties, delivered, type MemoryMessage } from './memory-message.js';
import type { MemoryQueue, QueueConsumer } from './memory-queue.js';

export interface MemoryChannelOptions {
  readonly broker: MemoryBroker;
  readonly connection: object;
  readonly onClosed: () => void;
}

type OnMessage = (message: ConsumeMessage | null) => void;
type Confirm = (error: Error | null) => void;

interface Unsettled {
  readonly queue: MemoryQueue;
  readonly message: MemoryMessage;
  readonly consumerTag: string;
}

/** amqplib's `Channel` and `ConfirmChannel` on a broker in memory. */
export class MemoryChannel extends EventEmitter {
  private open = true;
  private prefetchCount = Infinity;
  private nextTag = 1;
  private readonly unsettled = new Map<number, Unsettled>();
  private readonly consumers = new Map<string, { queue: MemoryQueue; consumer: QueueConsumer }>();
  private readonly confirms = new Set<Confirm>();
  private readonly replyAddress = `${REPLY_TO}.${randomUUID()}`;
  private takesReplies = false;

  constructor(private readonly options: MemoryChannelOptions) {
    super();
  }

  async assertExchange(name: string, type: string): Promise<void> {
    await this.ask(() => this.options.broker.declareExchange(name, type));
  }

  async assertQueue(
    name: string,
    { exclusive = false, autoDelete = false, arguments: args = {} }: Options.AssertQueue = {},
  ): Promise<{ queue: string }> {
    const exclusiveTo = exclusive ? this.options.connection : undefined;
    await this.ask(() =>
      this.options.broker.declareQueue(name, { exclusiveTo, autoDelete, arguments: args as Record<string, unknown> }),
    );
    return { queue: name };
  }

  async bindQueue(queue: string, exchange: string, key: string): Promise<void> {
    await this.ask(() => this.options.broker.bind(queue, exchange, key));
  }

  async prefetch(count: number): Promise<void> {
    await this.ask(() => (this.prefetchCount = count));
  }

  async consume(queue: string, onMessage: OnMessage): Promise<{ consumerTag: string }> {
    const consumerTag = randomUUID();
    await this.ask(() =>
      queue === REPLY_TO ? this.takeReplies(consumerTag, onMessage) : this.addConsumer(queue, consumerTag, onMessage),
    );
    return { consumerTag };
  }

  async cancel(consumerTag: string): Promise<void> {
    await this.ask(() => this.removeConsumer(consumerTag));
  }

  publish(
    exchange: string,
    routingKey: string,
    content: Buffer,
    properties: Options.Publish = {},
    confirm: Confirm = () => undefined,
  ): boolean {
    this.mustBeOpen();
    this.confirms.add(confirm);
    const body = Buffer.from(content);
    this.options.broker.enqueuePublish(() => this.take({ exchange, routingKey, content: body, properties }, confirm));
    return true;
  }

  ack({ fields }: ConsumeMessage, allUpTo = false): void {
    this.mustBeOpen();
    this.options.broker.enqueue(() => pump(this.settle(fields.deliveryTag, allUpTo)));
  }

  nack({ fields }: ConsumeMessage, allUpTo = false, requeue = true): void {
    this.mustBeOpen();
    this.options.broker.enqueue(() => {
      const settled = this.settle(fields.deliveryTag, allUpTo);
      for (const { queue, message } of settled) {
        if (requeue) queue.giveBack([message]);
        else queue.options.onDead(message, 'rejected');
      }
      pump(settled);
    });
  }

  async close(): Promise<void> {
    this.mustBeOpen();
    await this.options.broker.later(() => this.end());
  }

  /** What was handed out goes back, its consumers are gone, and whoever waits for a confirm is told. */
  end(): void {
    if (!this.open) return;
    this.open = false;
    this.options.onClosed();
    for (const tag of this.consumers.keys()) this.removeConsumer(tag);
    this.options.broker.removeReplyAddress(this.replyAddress);
    this.returnUnsettled();
    for (const confirm of this.confirms) confirm(new Error('channel closed'));
    this.confirms.clear();
    this.emit('close');
  }

  private async ask<Result>(task: () => Result): Promise<Result> {
    this.mustBeOpen();
    return this.options.broker.later(() => {
      this.mustBeOpen();
      try {
        return task();
      } catch (error) {
        this.refused(error);
        throw error;
      }
    });
  }

  private refused(error: unknown): void {
    if (!(error instanceof ChannelRefusal)) throw error;
    this.emit('error', error);
    this.end();
  }

  private mustBeOpen(): void {
    if (!this.open) throw Object.assign(new Error('Channel closed'), { name: 'IllegalOperationError' });
  }

  private take(
    message: { exchange: string; routingKey: string; content: Buffer; properties: Options.Publish },
    confirm: Confirm,
  ): void {
    if (!this.open) return;
    const { exchange, routingKey, content, properties } = message;
    let taken: number | 'refused';
    try {
      if (properties.replyTo === REPLY_TO && !this.takesReplies)
        throw new ChannelRefusal(406, 'PRECONDITION_FAILED - fast reply consumer does not exist');
      const replyTo = properties.replyTo === REPLY_TO ? { replyTo: this.replyAddress } : {};
      taken = this.options.broker.route({ ...message, properties: { ...properties, ...replyTo } });
    } catch (error) {
      return this.refused(error);
    }
    if (taken === 0 && properties.mandatory) {
      this.emit('return', {
        content,
        fields: { replyCode: 312, replyText: 'NO_ROUTE', exchange, routingKey },
        properties: amqplibProperties(properties),
      });
    }
    this.confirms.delete(confirm);
    confirm(taken === 'refused' ? new Error('message nacked') : null);
  }

  private addConsumer(name: string, tag: string, onMessage: OnMessage): void {
    const queue = this.options.broker.queue(name);
    const consumer: QueueConsumer = {
      tag,
      hasRoom: () =>
        this.open &&
        [...this.unsettled.values()].filter(({ consumerTag }) => consumerTag === tag).length < this.prefetchCount,
      deliver: (message) => {
        const deliveryTag = this.nextTag++;
        this.unsettled.set(deliveryTag, { queue, message, consumerTag: tag });
        onMessage(delivered(message, { deliveryTag, consumerTag: tag }));
      },
      cancelled: () => {
        this.consumers.delete(tag);
        onMessage(null);
      },
    };
    this.consumers.set(tag, { queue, consumer });
    queue.consumers.push(consumer);
    // After the consumer was told that it is one.
    this.options.broker.enqueue(() => queue.pump());
  }

  private takeReplies(tag: string, onMessage: OnMessage): void {
    this.takesReplies = true;
    this.options.broker.addReplyAddress(this.replyAddress, (message) =>
      onMessage(delivered(message, { deliveryTag: this.nextTag++, consumerTag: tag })),
    );
  }

  private removeConsumer(tag: string): void {
    const found = this.consumers.get(tag);
    if (!found) return;
    this.consumers.delete(tag);
    const { consumers, options } = found.queue;
    consumers.splice(consumers.indexOf(found.consumer), 1);
    if (options.autoDelete && consumers.length === 0) this.options.broker.removeQueue(options.name);
  }

  private settle(deliveryTag: number, allUpTo: boolean): Unsettled[] {
    const tags = allUpTo ? [...this.unsettled.keys()].filter((tag) => tag <= deliveryTag) : [deliveryTag];
    const settled = tags.flatMap((tag) => this.unsettled.get(tag) ?? []);
    for (const tag of tags) this.unsettled.delete(tag);
    for (const { queue } of settled) queue.unsettled -= 1;
    return settled;
  }

  private returnUnsettled(): void {
    const byQueue = new Map<MemoryQueue, MemoryMessage[]>();
    for (const { queue, message } of this.unsettled.values())
      byQueue.set(queue, [...(byQueue.get(queue) ?? []), message]);
    this.unsettled.clear();
    for (const [queue, messages] of byQueue) {
      queue.unsettled -= messages.length;
      queue.giveBack(messages);
    }
  }
}

/** There is room again for what waits. */
function pump(settled: readonly Unsettled[]): void {
  for (const queue of new Set(settled.map((each) => each.queue))) queue.pump();
}
