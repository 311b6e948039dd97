import { randomUUID } from 'node:crypto';
import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { exchanges, replicaQueue } from '@signalbox/contracts/messages';
import {
  BEACON_INTERVAL_MS,
  streamBeacon,
  streamBeats,
  streamDelta,
  streamReport,
  streams,
} from '@signalbox/contracts/streams';
import { Amqp, type Subscription } from '@signalbox/messaging';
import { CLOCK, HEALTH, LOGGER, type Clock, type Health, type Logger } from '@signalbox/platform';
import { z } from 'zod';
import type { ReplicaView } from './replica-view.js';
import { StreamReplica } from './stream-replica.js';

/** Three beacons missed: the owner is away. */
export const OWNER_AWAY_MS = 3 * BEACON_INTERVAL_MS;

const message = z.union([streamDelta, streamBeats, streamBeacon, streamReport]);

/**
 * The streams this process follows, all through one exclusive queue of its own. Until each has had a snapshot the
 * gateway is not ready; from then on it answers from memory, whatever else is away.
 */
@Injectable()
export class Replicas implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly replicas = new Map<string, StreamReplica>();
  private subscription: Subscription | undefined;

  constructor(
    private readonly amqp: Amqp,
    @Inject(HEALTH) private readonly health: Health,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** Keeps the view up to date with its stream. Called by feature modules before the application starts. */
  follow(view: ReplicaView): void {
    const { amqp, clock, logger } = this;
    const replica = new StreamReplica({ view, amqp, clock, logger });
    this.replicas.set(view.stream, replica);
    reportHealth(replica, this.health, clock);
  }

  get gateway(): StreamReplica {
    return this.of(streams.gateway);
  }

  of(stream: string): StreamReplica {
    const replica = this.replicas.get(stream);
    if (replica === undefined) throw new Error(`the stream ${stream} is not followed`);
    return replica;
  }

  onApplicationBootstrap(): void {
    const queue = replicaQueue(randomUUID());
    this.subscription = this.amqp.subscribe({
      queue: queue.name,
      declare: {
        exchanges: [exchanges.state],
        queues: [queue],
        bindings: [...this.replicas.keys()].map((key) => ({ exchange: exchanges.state.name, queue: queue.name, key })),
      },
      schema: message,
      prefetch: 1_000,
      maxBytes: 8 * 1_024 * 1_024,
      onActive: () => this.each((replica) => replica.bound()),
      onInactive: () => this.each((replica) => replica.unbound()),
      handler: ({ body }) => this.take(body),
    });
  }

  async onModuleDestroy(): Promise<void> {
    await this.subscription?.close();
    this.each((replica) => replica.close());
  }

  private take(body: z.output<typeof message>): void {
    const replica = this.replicas.get(body.stream);
    if (replica === undefined) return;
    if ('changes' in body) replica.delta(body);
    else if ('digest' in body) replica.beacon(body);
    else if ('beats' in body) replica.beats(body);
    else replica.report(body);
  }

  private each(run: (replica: StreamReplica) => void): void {
    for (const replica of this.replicas.values()) run(replica);
  }
}

/** Readiness asks for a snapshot only; whether the owner still speaks is shown beside it. */
function reportHealth(replica: StreamReplica, health: Health, clock: Clock): void {
  health.add(
    `stream ${replica.stream}`,
    () => ({
      status: replica.hadSnapshot ? 'up' : 'down',
      detail: replica.hadSnapshot ? shown(replica.position) : 'no snapshot yet',
    }),
    { required: replica.requiredForReadiness },
  );
  health.add(
    `owner of ${replica.stream}`,
    () => {
      const { silentMs } = replica;
      if (silentMs === undefined) return { status: 'down', detail: 'never heard' };
      return silentMs <= OWNER_AWAY_MS
        ? { status: 'up' }
        : { status: 'down', since: Math.round(clock.now() - silentMs) };
    },
    { required: false },
  );
}

const shown = ({ epoch, seq, digest }: StreamReplica['position']): string => `at ${epoch}.${seq}, digest ${digest}`;
