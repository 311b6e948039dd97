import { connect, type ChannelModel } from 'amqplib';

import { StatusTracker } from './amqp-status.js';
import { ConfirmBatchPublisher, type ConfirmBatchPublisherOptions } from './batch-publisher.js';
import { subscribeBatch } from './batch-subscription.js';
import { BrokerConnection, type BrokerConnectionOptions } from './broker-connection.js';
import { ConnectionUrl } from './connection-url.js';
import { ConfirmPublisher } from './confirm-publisher.js';
import type { ConsumerContext } from './consumer.js';
import { DeadLetters } from './dead-letters.js';
import { deferred } from './deferred.js';
import { subscribe } from './message-subscription.js';
import type {
  AmqpOptions,
  AmqpStatus,
  BatchPublisher,
  BatchSubscriptionOptions,
  DeadLetterOptions,
  Publisher,
  RequestOptions,
  ResponderOptions,
  Subscription,
  SubscriptionOptions,
} from './options.js';
import { NO_RECORDER } from './recorder.js';
import { onOwnChannel } from './own-channel.js';
import { RequestClient } from './request-client.js';
import { respond, type ReplyPath } from './responder.js';
import { Retries } from './retries.js';
import { PublishError } from './errors.js';
import { SenderCheck } from './sender-check.js';
import { TopologyKeeper } from './topology-keeper.js';
import { declareTopology, undeclareTopology, type BindingSpec, type Topology } from './topology.js';

/** The connections of a process to the broker: one publishes, so that a broker short of memory may block it, and one consumes. */
export class Amqp {
  private readonly confirmPublisher: ConfirmPublisher;
  private lazyBatchPublisher: ConfirmBatchPublisher | undefined;
  private readonly batchOptions: ConfirmBatchPublisherOptions;
  private readonly requests: RequestClient | undefined;
  private readonly replies: ReplyPath;
  private readonly context: ConsumerContext;
  private readonly publishing: BrokerConnection;
  private readonly consuming: BrokerConnection;
  private readonly keeper: TopologyKeeper;
  private readonly tracker: StatusTracker;
  private readonly deadLetters: DeadLetters;
  private readonly opened = deferred();
  private readonly topologies: Topology[];
  private closed: Promise<void> | undefined;

  /** @throws Error where the URL is not valid, or the common topology has an exclusive queue */
  constructor(options: AmqpOptions) {
    const { name, topology, reconnect = { minMs: 100, maxMs: 5_000 }, recorder = NO_RECORDER } = options;
    const logger = options.logger.child({ component: 'messaging' });
    refuseExclusive(topology);
    this.topologies = [topology];
    this.tracker = new StatusTracker(logger);
    const url = new ConnectionUrl({ url: options.url, heartbeatSeconds: options.heartbeatSeconds ?? 5, logger });
    const { user } = url;
    const common = {
      connect: options.connect ?? connect,
      reconnect,
      onChange: () => this.changed(),
      onFailure: (error: unknown, host: string) => this.tracker.failed(error, host),
    } satisfies Omit<BrokerConnectionOptions, 'name' | 'nextUrl' | 'setup'>;
    const keeper = (this.keeper = new TopologyKeeper({
      topologies: this.topologies,
      prepared: options.prepared,
      logger,
    }));
    // Both connections declare, because either may be the first to reach a broker that has forgotten everything.
    this.publishing = new BrokerConnection({
      ...common,
      nextUrl: url.rotation(),
      name: `${name}/publish`,
      setup: (model) => keeper.declare(model),
    });
    this.consuming = new BrokerConnection({
      ...common,
      nextUrl: url.rotation(),
      name: `${name}/consume`,
      setup: (model) => keeper.keep(model),
    });
    const signature = { appId: name, userId: user };
    const sending = { connection: this.publishing, signature, reopen: reconnect, recorder, logger };
    const senders = new SenderCheck({ user, rules: options.senders, recorder, logger });
    const { confirmTimeoutMs = 10_000, maxInFlight = 1_000 } = options;
    this.confirmPublisher = new ConfirmPublisher({ ...sending, confirmTimeoutMs, maxInFlight });
    const { maxBatchInFlight = 4_000, batchStallMs = 30_000 } = options;
    this.batchOptions = { ...sending, maxInFlight: maxBatchInFlight, stallMs: batchStallMs };
    const { replies = 'signalbox.replies', asks = true, prepared } = options;
    this.replies = { publisher: this.confirmPublisher, exchange: replies };
    if (asks) this.requests = new RequestClient({ ...sending, name, replies, prepared, senders });
    this.deadLetters = new DeadLetters({
      publisher: this.confirmPublisher,
      exchange: options.deadLetters.exchange,
      recorder,
      logger,
    });
    this.context = {
      connection: this.consuming,
      topologies: this.topologies,
      prepared,
      senders,
      deadLetters: this.deadLetters,
      retries: new Retries(this.confirmPublisher),
      reopen: reconnect,
      recorder,
      logger,
      consumers: new Set(),
    };
  }

  get publisher(): Publisher {
    return this.confirmPublisher;
  }

  /** Has its channel from the first call on. */
  get batchPublisher(): BatchPublisher {
    return (this.lazyBatchPublisher ??= new ConfirmBatchPublisher(this.batchOptions));
  }

  /** Connects, trying for ever. Resolves when both connections are up for the first time; rejects if closed before. */
  open(): Promise<void> {
    this.publishing.open();
    this.consuming.open();
    return this.opened.promise;
  }

  status(): AmqpStatus {
    return this.tracker.current;
  }

  /** What is wrong although there is a connection: queues that cannot be declared because their node is down, each with the reason. */
  get complaints(): readonly string[] {
    return this.keeper.complaints;
  }

  /** Calls the listener after each change; returns what removes it. */
  onStatus(listener: (status: AmqpStatus) => void): () => void {
    return this.tracker.listen(listener);
  }

  /**
   * Declares a topology that was not known at the start, now and on each later connection. The same object again is declared now only.
   * @throws Error where there is no connection at present, or the broker refuses; then it is not declared later either
   */
  async declare(topology: Topology): Promise<void> {
    await this.declareOnce(topology);
    if (!this.topologies.includes(topology)) this.topologies.push(topology);
  }

  /** Declares a topology now only. @throws Error where there is no connection at present, or the broker refuses */
  async declareOnce(topology: Topology): Promise<void> {
    refuseExclusive(topology);
    await this.declareNow(topology, 'declared');
  }

  /** A topology that was declared later is not declared on later connections any more. What it declared stays. */
  forget(topology: Topology): void {
    const at = this.topologies.indexOf(topology);
    // The first one is that of the start.
    if (at > 0) this.topologies.splice(at, 1);
  }

  /**
   * Deletes these queues of a topology, with all that waits in them, and the bindings of its other queues. What is not there is no error.
   * @throws Error where there is no connection at present, or the broker refuses
   */
  async undeclare(topology: Topology, queues: readonly string[]): Promise<void> {
    await onOwnChannel(this.connected('deleted'), (channel) => undeclareTopology(channel, topology, queues));
  }

  /**
   * Deletes exchanges, with their bindings. What is not there is no error.
   * @throws Error where there is no connection at present, or the broker refuses
   */
  async deleteExchanges(names: readonly string[]): Promise<void> {
    await onOwnChannel(this.connected('deleted'), async (channel) => {
      for (const name of names) await channel.deleteExchange(name);
    });
  }

  /**
   * Deletes a queue, with all that waits in it, if it has no consumer. One that is not there is no error.
   * @returns whether it is gone @throws Error where there is no connection at present, or the broker refuses
   */
  async deleteUnused(queue: string): Promise<boolean> {
    return onOwnChannel(this.connected('deleted'), (channel) => channel.deleteQueue(queue, { ifUnused: true })).then(
      () => true,
      (error: unknown) => {
        if (isPreconditionFailed(error)) return false;
        throw error;
      },
    );
  }

  /**
   * Binds a queue, now only: also the exclusive queue of a subscription, which its `declare` does not bind then when it starts again.
   * @throws Error where there is no connection at present, or the broker refuses
   */
  async bind(binding: BindingSpec): Promise<void> {
    await this.declareNow({ exchanges: [], queues: [], bindings: [binding] }, 'bound');
  }

  /** Removes a binding; one that is not there is no error. @throws Error as `bind` */
  async unbind(binding: BindingSpec): Promise<void> {
    await this.undeclare({ exchanges: [], queues: [], bindings: [binding] }, []);
  }

  /** Messages that wait in a queue; undefined without a connection. @throws the broker's error where there is no such queue */
  async messageCount(queue: string): Promise<number | undefined> {
    const model = this.consuming.current;
    return model && (await onOwnChannel(model, (channel) => channel.checkQueue(queue))).messageCount;
  }

  /** Consumes a queue message by message. May be called before `open`. */
  subscribe<T>(options: SubscriptionOptions<T>): Subscription {
    return subscribe(this.context, options);
  }

  /** Consumes a queue in batches of undecoded messages. */
  subscribeBatch(options: BatchSubscriptionOptions): Subscription {
    return subscribeBatch(this.context, options);
  }

  /** Answers the requests of a queue. */
  respond<Req, Res>(options: ResponderOptions<Req, Res>): Subscription {
    return respond(this.context, this.replies, options);
  }

  /**
   * Sends a request and resolves with the reply.
   * @throws RequestError, or an Error where this process was made to send none
   */
  async request<Res>(options: RequestOptions<Res>): Promise<Res> {
    if (!this.requests) throw new Error('this process sends no requests: see AmqpOptions.asks');
    return this.requests.request(options);
  }

  /**
   * Dead-letters a message, or one item of a batch, with a reason. Resolves when the broker holds the dead letter.
   * @throws PublishError
   */
  deadLetter(options: DeadLetterOptions): Promise<void> {
    return this.deadLetters.publish(options);
  }

  /**
   * Cancels the consumers, waits for what runs, acknowledges it, waits for outstanding confirms and closes.
   * @throws Error if that took longer than the deadline (ms); everything is cut off then
   */
  close(deadlineMs = 10_000): Promise<void> {
    this.closed ??= this.closeAll(deadlineMs);
    return this.closed;
  }

  private async declareNow(topology: Topology, done: 'declared' | 'bound'): Promise<void> {
    await onOwnChannel(this.connected(done), (channel) => declareTopology(channel, topology, this.context.prepared));
  }

  private connected(done: 'declared' | 'bound' | 'deleted'): ChannelModel {
    const model = this.consuming.current;
    if (model) return model;
    throw new PublishError('disconnected', `no connection to the broker: nothing was ${done}`, false);
  }

  private async closeAll(deadlineMs: number): Promise<void> {
    this.opened.reject(new Error('messaging was closed before it was open'));
    let timer: NodeJS.Timeout | undefined;
    const deadline = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`messaging did not close within ${deadlineMs} ms`)), deadlineMs);
    });
    try {
      await Promise.race([this.finish(), deadline]);
    } catch (error) {
      this.publishing.abort();
      this.consuming.abort();
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  private async finish(): Promise<void> {
    await Promise.all(Array.from(this.context.consumers, (consumer) => consumer.close()));
    await this.confirmPublisher.idle();
    await Promise.all([this.publishing.close(), this.consuming.close()]);
  }

  private changed(): void {
    const up = this.publishing.up && this.consuming.up;
    this.tracker.set(up, this.publishing.blocked);
    if (up) this.opened.resolve();
    if (this.publishing.blocked !== undefined) return;
    this.confirmPublisher.resume();
    this.lazyBatchPublisher?.resume();
  }
}

/** The broker's answer where a queue has a consumer that is to have none. */
const isPreconditionFailed = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 406;

function refuseExclusive({ queues }: Topology): void {
  const exclusive = queues.find((queue) => queue.exclusive);
  if (exclusive)
    throw new Error(`the exclusive queue ${exclusive.name} belongs to its subscription, not to the common topology`);
}
