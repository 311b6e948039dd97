import type { Channel, ConsumeMessage } from 'amqplib';
import { describeError, type BackoffBounds, type Logger } from '@signalbox/platform';

import type { BrokerConnection } from './broker-connection.js';
import type { DeadLetters } from './dead-letters.js';
import type { Retries } from './retries.js';
import type { SenderCheck } from './sender-check.js';
import { deferred } from './deferred.js';
import { ManagedChannel } from './managed-channel.js';
import type { ConsumerOptions, HandlerOptions, Subscription } from './options.js';
import type { MessagingRecorder } from './recorder.js';
import { declareTopology, topologyOfQueue, type Topology } from './topology.js';

/** What every consumer of one Amqp shares. */
export interface ConsumerContext {
  readonly connection: BrokerConnection;
  /** The common topology, and what was declared later. */
  readonly topologies: readonly Topology[];
  readonly prepared: Topology | undefined;
  readonly senders: SenderCheck;
  readonly deadLetters: DeadLetters;
  readonly retries: Retries;
  readonly reopen: BackoffBounds;
  readonly recorder: MessagingRecorder;
  readonly logger: Logger;
  /** Those that are not closed. */
  readonly consumers: Set<Subscription>;
}

/** What differs between one message at a time and many. */
export interface ConsumerBehaviour {
  readonly prefetch: number;
  /** Each message, with the channel on which it must be settled. Must not throw. */
  readonly onMessage: (channel: Channel, message: ConsumeMessage) => void;
  /** The channel has closed: the messages that it delivered can no longer be settled. */
  readonly onLost: () => void;
  /** Closing has begun: nothing new is started, nothing is waited for that need not be. */
  readonly stop: () => void;
  /** Resolves when everything that runs is settled. */
  readonly drained: () => Promise<void>;
}

/** Keeps one queue consumed: declares, consumes, and starts again after whatever ends that. */
export class Consumer implements Subscription {
  active = false;
  private readonly started = deferred();
  readonly ready = this.started.promise;
  private readonly channel: ManagedChannel<Channel>;
  private consumer: { readonly channel: Channel; readonly tag: string } | undefined;
  private closed: Promise<void> | undefined;

  constructor(
    private readonly context: ConsumerContext,
    private readonly options: ConsumerOptions & Pick<HandlerOptions, 'retry'>,
    private readonly behaviour: ConsumerBehaviour,
  ) {
    context.consumers.add(this);
    this.channel = new ManagedChannel({
      name: options.queue,
      connection: context.connection,
      create: (model) => model.createChannel(),
      setup: (channel) => this.consume(channel),
      onLost: () => this.lost(),
      awaited: (reason) => (options.awaitsQueue === true ? awaitedQueue(reason) : undefined),
      reopen: options.reopen ?? context.reopen,
      logger: context.logger,
    });
  }

  close(): Promise<void> {
    this.closed ??= this.closeOnce();
    return this.closed;
  }

  private async closeOnce(): Promise<void> {
    this.started.reject(new Error(`the subscription of ${this.options.queue} was closed before it started`));
    this.behaviour.stop();
    const consumer = this.consumer;
    // If cancelling fails, the channel has closed and delivers nothing more.
    await consumer?.channel.cancel(consumer.tag).catch(() => undefined);
    await this.behaviour.drained();
    await this.channel.close();
    this.context.consumers.delete(this);
  }

  private async consume(channel: Channel): Promise<void> {
    const { queue, declare, retry } = this.options;
    const { topologies, prepared } = this.context;
    // The queue may have been deleted under us, which is why what is known of it is declared here too.
    for (const name of [queue, ...(retry?.queues ?? [])])
      await declareTopology(channel, topologyOfQueue(topologies, name), prepared);
    if (declare) await declareTopology(channel, declare, prepared);
    await channel.prefetch(this.behaviour.prefetch);
    const { consumerTag } = await channel.consume(queue, (message) => this.onMessage(channel, message));
    this.consumer = { channel, tag: consumerTag };
    this.activate();
  }

  private onMessage(channel: Channel, message: ConsumeMessage | null): void {
    if (message === null) return void this.channel.discard(channel, 'the broker cancelled the consumer');
    // What arrives while closing is left unsettled: it goes back to the queue with the channel.
    if (this.closed) return;
    // The first messages may come in the same read as the broker's word that we consume.
    this.activate();
    this.behaviour.onMessage(channel, message);
  }

  private activate(): void {
    if (this.active || this.closed) return;
    this.active = true;
    this.started.resolve();
    this.notify('onActive');
  }

  private lost(): void {
    this.consumer = undefined;
    this.behaviour.onLost();
    if (!this.active) return;
    this.active = false;
    this.notify('onInactive');
  }

  private notify(what: 'onActive' | 'onInactive'): void {
    try {
      this.options[what]?.();
    } catch (error) {
      this.context.logger.error({ queue: this.options.queue, reason: describeError(error) }, `${what} failed`);
    }
  }
}

/** Why a queue cannot be consumed yet, by the broker's answer; undefined: for another reason. */
function awaitedQueue(reason: unknown): string | undefined {
  if (!(reason instanceof Error && 'code' in reason)) return undefined;
  if (reason.code === 404) return 'queue not there yet';
  return reason.code === 405 ? 'queue held by another connection' : undefined;
}
