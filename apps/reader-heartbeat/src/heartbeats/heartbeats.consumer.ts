import { Inject, Injectable } from '@nestjs/common';
import { HEARTBEAT_TTL_MS, partitionQueue, partitionTopology } from '@signalbox/contracts/messages';
import { Amqp, decodeJson, type RawDelivery, type Subscription } from '@signalbox/messaging';
import { CLOCK, LoopTurns, type BackoffBounds, type Clock } from '@signalbox/platform';
import { Canaries } from '../heartbeat-path/canaries.js';
import type { Beat } from '../liveness/beat.js';
import type { PartitionKeeper } from '../partition/partition.keeper.js';
import { BrokerSenders } from '../senders/broker-senders.js';
import { decodeHeartbeats, type KnownReader } from './decode-heartbeats.js';
import { deliveryGroups } from './delivery-groups.rules.js';
import { HeartbeatMetrics } from './heartbeats.metrics.js';
import { HeldHeartbeats } from './held-heartbeats.js';
import { RefusedHeartbeats } from './refused-heartbeats.js';

const MAX_BATCH = 256;
/** A frame for each small batch costs more than the messages. What is not acknowledged when this process ends is delivered again. */
const ACK_WITHIN_MS = 50;
/** Large enough for a message of 10,000 heartbeats. */
const MAX_BYTES = 8 * 1_024 * 1_024;

/** A process that ended or is paused still has the queue until the broker notices that. */
const REOPEN: BackoffBounds = { minMs: 100, maxMs: 1_000 };

/**
 * Consumes the heartbeats of partitions. It bypasses Nest's handler pipeline to handle and acknowledge many messages per
 * call. A heartbeat that is invalid or that its sender may not publish is dead-lettered with its reason; the others of the same
 * message count.
 */
@Injectable()
export class HeartbeatsConsumer {
  private readonly turns = new LoopTurns();

  constructor(
    private readonly amqp: Amqp,
    private readonly canaries: Canaries,
    private readonly senders: BrokerSenders,
    private readonly refused: RefusedHeartbeats,
    private readonly metrics: HeartbeatMetrics,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** Holds the queue of a partition, as soon as no other process has it, and takes what was held meanwhile. */
  consume(keeper: PartitionKeeper): Pick<Subscription, 'ready' | 'close'> {
    const { amqp, clock } = this;
    const held = new HeldHeartbeats({
      partition: keeper.number,
      // The canaries among them have not come the way that heartbeats come now.
      handle: async (batch) => {
        const heartbeats = batch.filter((delivery) => !this.canaries.isCanary(delivery));
        if (heartbeats.length > 0) await this.handle(keeper, heartbeats);
      },
      amqp,
      clock,
    });
    let left: readonly RawDelivery[] = [];
    const subscription = amqp.subscribeBatch({
      queue: partitionQueue(keeper.number).name,
      declare: partitionTopology(keeper.number),
      awaitsQueue: true,
      reopen: REOPEN,
      maxBatch: MAX_BATCH,
      ackWithinMs: ACK_WITHIN_MS,
      onActive: () => {
        keeper.deliveriesBegan();
        held.begin(left);
        left = [];
      },
      onInactive: () => {
        void held.end();
        keeper.deliveriesEnded();
      },
      // They were read together with the end of the connection, with which the queue ended.
      onForgotten: (deliveries) => (left = deliveries),
      handler: (batch) =>
        held.taken === undefined ? this.handle(keeper, batch) : held.taken.then(() => this.handle(keeper, batch)),
    });
    subscription.ready.catch(() => undefined);
    return {
      ready: subscription.ready,
      close: async () => {
        // What arrives when the queue has gone is for the next owner.
        await held.end();
        await subscription.close();
      },
    };
  }

  /** Without a promise where nothing is waited for, as with nearly all heartbeats. */
  private handle(keeper: PartitionKeeper, batch: readonly RawDelivery[]): void | Promise<void> {
    const groups = deliveryGroups(batch);
    const first = groups.next().value ?? batch;
    const handling = this.handleGroup(keeper, first);
    return first.length === batch.length ? handling : this.handleGroups(keeper, groups, handling);
  }

  private async handleGroups(
    keeper: PartitionKeeper,
    groups: Iterable<readonly RawDelivery[]>,
    first: void | Promise<void>,
  ): Promise<void> {
    await first;
    for (const group of groups) {
      await this.turns.next();
      await this.handleGroup(keeper, group);
    }
  }

  private handleGroup(keeper: PartitionKeeper, group: readonly RawDelivery[]): void | Promise<void> {
    const { arrivedAt } = group[0]!;
    const beats: Beat[] = [];
    const pending: Promise<void>[] = [];
    let canarySentAt: number | undefined;
    for (const delivery of group) {
      if (this.canaries.isCanary(delivery)) {
        canarySentAt = this.canaries.returned(keeper.number, delivery) ?? canarySentAt;
        continue;
      }
      const deadLetters = this.decode(delivery, keeper.known, beats);
      if (deadLetters !== undefined) pending.push(deadLetters);
    }
    this.metrics.received.inc(beats.length);
    // A heartbeat that waited here for the database longer than the TTL of the queue says nothing about the reader any more.
    if (this.clock.monotonic() - arrivedAt <= HEARTBEAT_TTL_MS) {
      const recorded = keeper.record(beats, arrivedAt, (refused) => this.refused.withoutPlace(refused));
      if (recorded !== undefined) pending.push(recorded);
    }
    if (canarySentAt !== undefined) {
      const noted = keeper.canaryReturned(canarySentAt);
      if (noted !== undefined) pending.push(noted);
    }
    return pending.length === 0 ? undefined : Promise.all(pending).then(() => undefined);
  }

  /** Adds the heartbeats of a message that count to `beats`. @returns the pending dead-letter operation of the others */
  private decode(source: RawDelivery, known: KnownReader, beats: Beat[]): Promise<void> | undefined {
    const decoded = decodeJson(source, MAX_BYTES);
    if (!decoded.ok) return this.refused.unreadable(source, decoded);
    const refused = decodeHeartbeats(decoded.body, { permission: this.senders.permissionOf(source), known, beats });
    return refused.length > 0 ? this.refused.wrong(source, refused) : undefined;
  }
}
