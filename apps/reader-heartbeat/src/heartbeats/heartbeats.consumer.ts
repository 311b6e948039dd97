import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { beatsQueue, HEARTBEAT_TTL_MS } from '@signalbox/contracts/messages';
import { Amqp, decodeJson, type RawDelivery, type Subscription } from '@signalbox/messaging';
import { CLOCK, SHUTDOWN, type Clock } from '@signalbox/platform';
import { Canary } from '../heartbeat-path/canary.js';
import type { Beat } from '../liveness/beat.js';
import { PARTITION, PartitionKeeper } from '../partition/partition.keeper.js';
import { BrokerSenders } from '../senders/broker-senders.js';
import { decodeHeartbeats, type KnownReader } from './decode-heartbeats.js';
import { HeartbeatMetrics } from './heartbeats.metrics.js';
import { RefusedHeartbeats } from './refused-heartbeats.js';

const MAX_BATCH = 256;
/** A frame for each small batch costs more than the messages. What is not acknowledged when this process ends is delivered again. */
const ACK_WITHIN_MS = 50;
/** Large enough for a message of 10,000 heartbeats. */
const MAX_BYTES = 8 * 1_024 * 1_024;

/** Messages that arrive within this time after the first of them get its receive time. */
const SAME_ARRIVAL_MS = 100;

/**
 * Consumes the heartbeats of all readers. It bypasses Nest's handler pipeline to handle and acknowledge many messages per
 * call. A heartbeat that is invalid or that its sender may not publish is dead-lettered with its reason; the others of the same
 * message count.
 */
@Injectable()
export class HeartbeatsConsumer implements OnApplicationBootstrap, OnModuleDestroy {
  private subscription: Subscription | undefined;
  private readonly knownReader: KnownReader = (readerId) => this.keeper.table?.get(readerId);

  constructor(
    private readonly amqp: Amqp,
    private readonly canary: Canary,
    private readonly keeper: PartitionKeeper,
    private readonly senders: BrokerSenders,
    private readonly refused: RefusedHeartbeats,
    private readonly metrics: HeartbeatMetrics,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(SHUTDOWN) private readonly shutdown: AbortSignal,
  ) {}

  onApplicationBootstrap(): void {
    this.subscription = this.amqp.subscribeBatch({
      queue: beatsQueue(PARTITION).name,
      maxBatch: MAX_BATCH,
      ackWithinMs: ACK_WITHIN_MS,
      onActive: () => this.keeper.deliveriesBegan(),
      onInactive: () => this.keeper.deliveriesEnded(),
      handler: (batch) => this.handle(batch),
    });
    this.canary.start();
  }

  async onModuleDestroy(): Promise<void> {
    await this.subscription?.close();
  }

  private async handle(batch: readonly RawDelivery[]): Promise<void> {
    for (const group of byArrival(batch)) await this.handleGroup(group);
  }

  private async handleGroup(group: readonly RawDelivery[]): Promise<void> {
    const arrivedAt = group[0]?.arrivedAt ?? 0;
    const beats: Beat[] = [];
    const deadLetters: Promise<void>[] = [];
    let canarySentAt: number | undefined;
    for (const delivery of group) {
      if (this.canary.isCanary(delivery)) canarySentAt = this.canary.sentAt(delivery) ?? canarySentAt;
      else deadLetters.push(...this.decode(delivery, beats));
    }
    this.metrics.received.inc(beats.length);
    await this.record({ beats, arrivedAt, canarySentAt });
    await Promise.all(deadLetters);
  }

  private async record({
    beats,
    arrivedAt,
    canarySentAt,
  }: {
    beats: readonly Beat[];
    arrivedAt: number;
    canarySentAt: number | undefined;
  }): Promise<void> {
    try {
      // A heartbeat that waited here for the database longer than the TTL of the queue says nothing about the reader any more.
      if (this.clock.monotonic() - arrivedAt <= HEARTBEAT_TTL_MS)
        this.refused.withoutPlace(await this.keeper.record(beats, arrivedAt));
      if (canarySentAt !== undefined) await this.keeper.canaryReturned(canarySentAt);
    } catch (error) {
      // The process stopped while it waited for the database. That is no fault of these heartbeats: they are not dead-lettered.
      if (!this.shutdown.aborted) throw error;
    }
  }

  /** Adds the heartbeats of a message that count to `beats`; returns the pending dead-letter operations of the others. */
  private decode(source: RawDelivery, beats: Beat[]): Promise<void>[] {
    const decoded = decodeJson(source, MAX_BYTES);
    if (!decoded.ok) return [this.refused.unreadable(source, decoded)];
    const { beats: valid, refused } = decodeHeartbeats(
      decoded.body,
      this.senders.permissionOf(source),
      this.knownReader,
    );
    for (const beat of valid) beats.push(beat);
    return refused.length > 0 ? [this.refused.wrong(source, refused)] : [];
  }
}

/** Splits a batch by arrival time: one that collected during a take-over arrived over a longer time. */
function* byArrival(batch: readonly RawDelivery[]): Iterable<readonly RawDelivery[]> {
  let from = 0;
  for (const [index, { arrivedAt }] of batch.entries()) {
    if (arrivedAt - (batch[from]?.arrivedAt ?? arrivedAt) <= SAME_ARRIVAL_MS) continue;
    yield batch.slice(from, index);
    from = index;
  }
  yield batch.slice(from);
}
