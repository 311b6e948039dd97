import { isDeepStrictEqual } from 'node:util';
import { systemClock, type Clock } from '@signalbox/platform';
import type { ChannelModel, Options } from 'amqplib';
import { ChannelRefusal } from './channel-refusal.js';
import { MemoryConnection } from './memory-connection.js';
import { deathOf, type MemoryMessage } from './memory-message.js';
import { MemoryQueue } from './memory-queue.js';
import { routes, type ExchangeType } from './routing.js';

interface Binding {
  readonly exchange: string;
  readonly queue: string;
  readonly key: string;
}

/**
 * A broker in memory for tests that need no real one: `connect` takes the place of amqplib's. It knows what Signalbox uses of
 * RabbitMQ, and the conformance suite of `libs/messaging` holds it to the same behaviour. Everything happens one after the other
 * and never inside the call that asks for it.
 */
export class MemoryBroker {
  private readonly exchanges = new Map<string, ExchangeType>();
  private readonly queues = new Map<string, MemoryQueue>();
  private bindings: Binding[] = [];
  private readonly connections = new Set<MemoryConnection>();
  private readonly replyAddresses = new Map<string, (message: MemoryMessage) => void>();
  private tasks: (() => void)[] = [];
  private held: (() => void)[] = [];
  private blockedFor: string | undefined;
  private readonly clock: Clock;

  constructor({ clock = systemClock }: { clock?: Clock } = {}) {
    this.clock = clock;
  }

  /** For `AmqpOptions.connect`. The URL is not looked at. */
  readonly connect = async (): Promise<ChannelModel> => {
    const connection = new MemoryConnection(this, () => this.connections.delete(connection));
    this.connections.add(connection);
    await this.later(() => undefined);
    return connection as unknown as ChannelModel;
  };

  /** As an operator would: each is told why. */
  closeAllConnections(): void {
    for (const connection of this.connections) connection.force();
  }

  async deleteQueue(name: string): Promise<void> {
    await this.later(() => this.removeQueue(name));
  }

  /** Ready and handed out; undefined where there is no such queue. */
  messageCount(name: string): number | undefined {
    const queue = this.queues.get(name);
    return queue && queue.messageCount + queue.unsettled;
  }

  /** No message is taken from now on, and publishers are told. */
  block(reason: string): void {
    this.blockedFor = reason;
    for (const connection of this.connections) connection.emit('blocked', reason);
  }

  unblock(): void {
    this.blockedFor = undefined;
    for (const connection of this.connections) connection.emit('unblocked');
    for (const task of this.held.splice(0)) this.enqueue(task);
  }

  /** What follows is for connections and channels. Runs a task in the broker's order of events. */
  enqueue(task: () => void): void {
    this.tasks.push(task);
    if (this.tasks.length === 1) setImmediate(() => this.run());
  }

  /** As `enqueue`, but waits while the broker takes no messages. */
  enqueuePublish(task: () => void): void {
    if (this.blockedFor === undefined) this.enqueue(task);
    else this.held.push(task);
  }

  /** Runs something in the broker's order of events and gives what comes of it. */
  later<Result>(task: () => Result): Promise<Result> {
    return new Promise((resolve, reject) => {
      this.enqueue(() => {
        try {
          resolve(task());
        } catch (error) {
          reject(error);
        }
      });
    });
  }

  declareExchange(name: string, type: string): void {
    this.exchanges.set(name, type as ExchangeType);
  }

  declareQueue(
    name: string,
    {
      exclusiveTo,
      ...options
    }: { exclusiveTo: object | undefined; autoDelete: boolean; arguments: Record<string, unknown> },
  ): MemoryQueue {
    const known = this.queues.get(name);
    if (known) {
      if (known.options.exclusiveTo !== exclusiveTo)
        throw new ChannelRefusal(405, `RESOURCE_LOCKED - cannot obtain exclusive access to locked queue '${name}'`);
      if (!isDeepStrictEqual(known.options.arguments, options.arguments))
        throw new ChannelRefusal(406, `PRECONDITION_FAILED - inequivalent arg for queue '${name}'`);
      return known;
    }
    const queue: MemoryQueue = new MemoryQueue({
      ...options,
      name,
      exclusiveTo,
      clock: this.clock,
      enqueue: (task) => this.enqueue(task),
      onDead: (message, reason) => this.bury(queue, message, reason),
    });
    this.queues.set(name, queue);
    return queue;
  }

  bind(queue: string, exchange: string, key: string): void {
    this.queue(queue);
    this.exchange(exchange);
    const known = this.bindings.some((each) => each.queue === queue && each.exchange === exchange && each.key === key);
    if (!known) this.bindings.push({ queue, exchange, key });
  }

  /** @throws ChannelRefusal */
  queue(name: string): MemoryQueue {
    const queue = this.queues.get(name);
    if (!queue) throw new ChannelRefusal(404, `NOT_FOUND - no queue '${name}' in vhost '/'`);
    return queue;
  }

  removeQueue(name: string): void {
    const queue = this.queues.get(name);
    if (!queue) return;
    this.queues.delete(name);
    this.bindings = this.bindings.filter((binding) => binding.queue !== name);
    queue.clear();
    for (const consumer of queue.consumers.splice(0)) consumer.cancelled();
  }

  removeQueuesOf(connection: object): void {
    for (const [name, { options }] of this.queues) if (options.exclusiveTo === connection) this.removeQueue(name);
  }

  addReplyAddress(address: string, deliver: (message: MemoryMessage) => void): void {
    this.replyAddresses.set(address, deliver);
  }

  removeReplyAddress(address: string): void {
    this.replyAddresses.delete(address);
  }

  /**
   * Puts a message into the queues it is for: how many took it, or that one refused it.
   * @throws ChannelRefusal where there is no such exchange
   */
  route({
    exchange,
    routingKey,
    content,
    properties,
  }: {
    exchange: string;
    routingKey: string;
    content: Buffer;
    properties: Options.Publish;
  }): number | 'refused' {
    const message = (): MemoryMessage => ({ exchange, routingKey, content, properties, returns: 0 });
    const replyTo = exchange === '' ? this.replyAddresses.get(routingKey) : undefined;
    if (replyTo) {
      replyTo(message());
      return 1;
    }
    const targets = this.targets(exchange, routingKey);
    const taken = targets.map((queue) => queue.push(message()));
    return taken.includes(false) ? 'refused' : targets.length;
  }

  private targets(exchange: string, routingKey: string): MemoryQueue[] {
    if (exchange === '') return [this.queues.get(routingKey)].filter((queue) => queue !== undefined);
    const type = this.exchange(exchange);
    const names = this.bindings
      .filter((binding) => binding.exchange === exchange && routes(type, binding.key, routingKey))
      .map(({ queue }) => queue);
    return [...new Set(names)].map((name) => this.queue(name));
  }

  private exchange(name: string): ExchangeType {
    const type = this.exchanges.get(name);
    if (!type) throw new ChannelRefusal(404, `NOT_FOUND - no exchange '${name}' in vhost '/'`);
    return type;
  }

  private bury(queue: MemoryQueue, message: MemoryMessage, reason: string): void {
    const { name, arguments: args } = queue.options;
    const exchange = args['x-dead-letter-exchange'];
    if (typeof exchange !== 'string') return;
    const key = args['x-dead-letter-routing-key'];
    this.route(
      deathOf(message, { queue: name, reason, exchange, routingKey: typeof key === 'string' ? key : undefined }),
    );
  }

  private run(): void {
    for (let task = this.tasks[0]; task; task = this.tasks[0]) {
      task();
      this.tasks.shift();
    }
  }
}
