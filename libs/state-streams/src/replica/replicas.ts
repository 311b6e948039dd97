import { randomUUID } from 'node:crypto';
import {
  Inject,
  Injectable,
  type OnApplicationBootstrap,
  type OnModuleDestroy,
  type OnModuleInit,
} from '@nestjs/common';
import { exchanges, messageTypes, replicaQueue } from '@signalbox/contracts/messages';
import { streamBeacon, streamDelta, type SideMessage, type StreamDefinition } from '@signalbox/contracts/streams';
import { Amqp, DeadMessage, type BindingSpec, type QueueSpec, type Subscription } from '@signalbox/messaging';
import {
  CLOCK,
  HEALTH,
  LOGGER,
  LoopTurns,
  METRICS,
  type Clock,
  type Health,
  type Logger,
  type Metrics,
} from '@signalbox/platform';
import type { z } from 'zod';
import type { FollowedStream } from './followed-stream.js';
import { FollowedStreams } from './followed-streams.js';
import { LateBinding } from './late-binding.js';
import { forgetReplicaHealth, reportReplicaHealth } from './replica-health.js';
import { registerReplicaMetrics, type ReplicaCounters } from './replicas.metrics.js';
import { StreamReplica } from './stream-replica.js';

/** The service whose process follows. */
export const FOLLOWER = Symbol('FOLLOWER');

/** How messages of one AMQP type are read, and where they go. */
interface Route<Body extends { stream: string } = { stream: string }> {
  readonly schema: z.ZodType<Body>;
  readonly deliver: (replica: StreamReplica, body: Body) => void;
}

/** The replicas of the followed streams, all of which are fed through one exclusive queue of this process. */
@Injectable()
export class Replicas implements OnModuleInit, OnApplicationBootstrap, OnModuleDestroy {
  private readonly replicas = new Map<string, StreamReplica>();
  /** Of the streams that were joined. The queue is declared with the bindings of the others. */
  private readonly lateBindings = new Map<string, LateBinding>();
  /** Of the streams that were left, until they are unbound. */
  private readonly unbinding = new Map<string, Promise<void>>();
  private readonly queue: QueueSpec;
  private routes: ReadonlyMap<string, Route> = new Map();
  private readonly counters: ReplicaCounters;
  private subscription: Subscription | undefined;
  private readonly turns = new LoopTurns();

  constructor(
    private readonly streams: FollowedStreams,
    private readonly amqp: Amqp,
    @Inject(FOLLOWER) service: string,
    @Inject(HEALTH) private readonly health: Health,
    @Inject(METRICS) metrics: Metrics,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {
    this.queue = replicaQueue(service, randomUUID());
    this.counters = registerReplicaMetrics(metrics, () => this.replicas.values());
  }

  /** @throws Error for a stream that is not followed */
  of(stream: StreamDefinition['name']): StreamReplica {
    const replica = this.find(stream);
    if (replica === undefined) throw new Error(`the stream ${stream} is not followed`);
    return replica;
  }

  /** Undefined for a stream that is not followed, or no more. */
  find(stream: StreamDefinition['name']): StreamReplica | undefined {
    return this.replicas.get(stream);
  }

  /** Everything is put together: what is to be followed from the start is known. */
  onModuleInit(): void {
    const followed = this.streams.start({
      joined: (content) => this.join(content),
      left: (stream) => this.leave(stream),
    });
    for (const { content, requiredForReadiness } of followed) this.add(content, requiredForReadiness);
  }

  onApplicationBootstrap(): void {
    const { queue } = this;
    this.subscription = this.amqp.subscribe({
      queue: queue.name,
      declare: {
        exchanges: [exchanges.state],
        queues: [queue],
        bindings: [...this.replicas.keys()].map((stream) => this.bindingOf(stream)),
      },
      schema: ({ type = '' }) => this.routes.get(type)?.schema,
      prefetch: 1_000,
      maxBytes: 8 * 1_024 * 1_024,
      onActive: () => {
        this.each((replica) => replica.bound());
        for (const late of this.lateBindings.values()) late.queueDeclared();
      },
      onInactive: () => {
        this.each((replica) => replica.unbound());
        for (const late of this.lateBindings.values()) late.queueLost();
      },
      handler: ({ type = '', routingKey, body }) => {
        // The key says which user has sent it: an owner speaks of its own stream only.
        if (routingKey !== body.stream)
          throw new DeadMessage('wrong-stream', 'the body names another stream than the routing key');
        const replica = this.replicas.get(body.stream);
        if (replica !== undefined) this.routes.get(type)?.deliver(replica, body);
      },
    });
  }

  async onModuleDestroy(): Promise<void> {
    await this.subscription?.close();
    for (const replica of this.replicas.values()) replica.close();
  }

  private add(content: FollowedStream, requiredForReadiness: boolean): StreamReplica {
    const { amqp, clock, logger, health, turns, counters } = this;
    const replica = new StreamReplica({ content, amqp, clock, logger, turns, ...counters });
    this.replicas.set(content.name, replica);
    this.routes = new Map([...this.routes, ...routesOf(content.sideMessages)]);
    reportReplicaHealth(replica, { health, clock, requiredForReadiness });
    return replica;
  }

  private join(content: FollowedStream): void {
    const { amqp, clock, logger } = this;
    const replica = this.add(content, false);
    const after = this.unbinding.get(content.name);
    const late = new LateBinding({ amqp, clock, logger, binding: this.bindingOf(content.name), replica, after });
    this.lateBindings.set(content.name, late);
    if (this.subscription?.active) late.queueDeclared();
  }

  private leave(stream: string): void {
    const late = this.lateBindings.get(stream);
    if (late === undefined) return;
    this.lateBindings.delete(stream);
    this.replicas.get(stream)?.close();
    this.replicas.delete(stream);
    forgetReplicaHealth(stream, this.health);
    const unbound = late.close().finally(() => {
      if (this.unbinding.get(stream) === unbound) this.unbinding.delete(stream);
    });
    this.unbinding.set(stream, unbound);
  }

  private bindingOf(stream: string): BindingSpec {
    return { exchange: exchanges.state.name, queue: this.queue.name, key: stream };
  }

  /** Those that are bound with the queue. */
  private each(run: (replica: StreamReplica) => void): void {
    for (const [stream, replica] of this.replicas) if (!this.lateBindings.has(stream)) run(replica);
  }
}

function routesOf(sideMessages: readonly SideMessage[]): ReadonlyMap<string, Route> {
  return new Map<string, Route>([
    [messageTypes.delta, route(streamDelta, (replica, delta) => replica.delta(delta))],
    [messageTypes.beacon, route(streamBeacon, (replica, beacon) => replica.beacon(beacon))],
    ...sideMessages.map(
      (message) =>
        [message.type, route(message.schema, (replica, body) => replica.sideMessage(message, body))] as const,
    ),
  ]);
}

/** What is delivered was accepted by the schema of the same route. */
const route = <Body extends { stream: string }>(
  schema: z.ZodType<Body>,
  deliver: (replica: StreamReplica, body: Body) => void,
): Route => ({ schema, deliver: deliver as Route['deliver'] });
