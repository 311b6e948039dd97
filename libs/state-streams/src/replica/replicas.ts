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
import { Amqp, DeadMessage, type Subscription } from '@signalbox/messaging';
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
import { FollowedStreams } from './followed-streams.js';
import { reportReplicaHealth } from './replica-health.js';
import { registerReplicaMetrics } from './replicas.metrics.js';
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
  private replicas: ReadonlyMap<string, StreamReplica> = new Map();
  private routes: ReadonlyMap<string, Route> = new Map();
  private subscription: Subscription | undefined;
  private readonly turns = new LoopTurns();

  constructor(
    private readonly streams: FollowedStreams,
    private readonly amqp: Amqp,
    @Inject(FOLLOWER) private readonly service: string,
    @Inject(HEALTH) private readonly health: Health,
    @Inject(METRICS) private readonly metrics: Metrics,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** @throws Error for a stream that is not followed */
  of(stream: StreamDefinition['name']): StreamReplica {
    const replica = this.replicas.get(stream);
    if (replica === undefined) throw new Error(`the stream ${stream} is not followed`);
    return replica;
  }

  /** Everything is put together: what is to be followed is known. */
  onModuleInit(): void {
    const { amqp, clock, logger, health, turns } = this;
    const followed = this.streams.start();
    const counters = registerReplicaMetrics(this.metrics, () => this.replicas.values());
    this.replicas = new Map(
      followed.map(({ content }) => [
        content.name,
        new StreamReplica({ content, amqp, clock, logger, turns, ...counters }),
      ]),
    );
    this.routes = routesOf(followed.flatMap(({ content }) => content.sideMessages));
    for (const { content, requiredForReadiness } of followed)
      reportReplicaHealth(this.of(content.name), { health, clock, requiredForReadiness });
  }

  onApplicationBootstrap(): void {
    const queue = replicaQueue(this.service, randomUUID());
    this.subscription = this.amqp.subscribe({
      queue: queue.name,
      declare: {
        exchanges: [exchanges.state],
        queues: [queue],
        bindings: [...this.replicas.keys()].map((key) => ({ exchange: exchanges.state.name, queue: queue.name, key })),
      },
      schema: ({ type = '' }) => this.routes.get(type)?.schema,
      prefetch: 1_000,
      maxBytes: 8 * 1_024 * 1_024,
      onActive: () => this.each((replica) => replica.bound()),
      onInactive: () => this.each((replica) => replica.unbound()),
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
    this.each((replica) => replica.close());
  }

  private each(run: (replica: StreamReplica) => void): void {
    for (const replica of this.replicas.values()) run(replica);
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
