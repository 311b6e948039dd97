import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { beatsQueue, HEARTBEAT_TTL_MS } from '@signalbox/contracts/messages';
import { Amqp, decodeJson, type RawDelivery, type Subscription } from '@signalbox/messaging';
import { CLOCK, LOGGER, SHUTDOWN, type Clock, type Logger } from '@signalbox/platform';
import { Canary } from '../line/canary.js';
import type { Beat } from '../liveness/beat.js';
import { PARTITION, PartitionKeeper } from '../partition/partition.keeper.js';
import { decodeHeartbeats } from './decode-heartbeats.js';

const MAX_BATCH = 256;
/** Of one message; the log says how many more were refused. A sender that errs must not hold up the others. */
const PARKED_PER_MESSAGE = 10;
/** A message of 10,000 heartbeats has room in it. */
const MAX_BYTES = 8 * 1_024 * 1_024;

/** Messages that arrived within this time of each other count as received when the first of them was. */
const TOGETHER_MS = 100;

/**
 * Where a heartbeat comes in. It skips Nest's handler pipeline: many messages are taken per call and acknowledged at
 * once. What is no heartbeat is parked among the dead letters with its reason; its neighbours count.
 */
@Injectable()
export class HeartbeatsConsumer implements OnApplicationBootstrap, OnModuleDestroy {
  private subscription: Subscription | undefined;

  constructor(
    private readonly amqp: Amqp,
    private readonly canary: Canary,
    private readonly keeper: PartitionKeeper,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(LOGGER) private readonly logger: Logger,
    @Inject(SHUTDOWN) private readonly shutdown: AbortSignal,
  ) {}

  onApplicationBootstrap(): void {
    this.subscription = this.amqp.subscribeBatch({
      queue: beatsQueue(PARTITION).name,
      maxBatch: MAX_BATCH,
      onActive: () => this.keeper.deliveriesBegan(),
      onInactive: () => this.keeper.deliveriesEnded(),
      handler: (batch) => this.take(batch),
    });
    this.canary.start();
  }

  async onModuleDestroy(): Promise<void> {
    await this.subscription?.close();
  }

  private async take(batch: readonly RawDelivery[]): Promise<void> {
    for (const together of byArrival(batch)) await this.takeTogether(together);
  }

  private async takeTogether(batch: readonly RawDelivery[]): Promise<void> {
    const arrivedAt = batch[0]?.arrivedAt ?? 0;
    const beats: Beat[] = [];
    const parking: Promise<void>[] = [];
    let canarySentAt: number | undefined;
    for (const delivery of batch) {
      if (this.canary.isCanary(delivery)) canarySentAt = this.canary.sentAt(delivery) ?? canarySentAt;
      else parking.push(...this.decode(delivery, beats));
    }
    await this.tell({ beats, arrivedAt, canarySentAt });
    await Promise.all(parking);
  }

  private async tell({
    beats,
    arrivedAt,
    canarySentAt,
  }: {
    beats: readonly Beat[];
    arrivedAt: number;
    canarySentAt: number | undefined;
  }): Promise<void> {
    try {
      // As old in this process as none may grow in the queue: what waited here for the database tells nothing any more.
      if (this.clock.monotonic() - arrivedAt <= HEARTBEAT_TTL_MS) await this.keeper.record(beats, arrivedAt);
      if (canarySentAt !== undefined) await this.keeper.heardCanary(canarySentAt);
    } catch (error) {
      // Stopped while it waited for the database: these beats are nobody's mistake, and the next ones are on their way.
      if (!this.shutdown.aborted) throw error;
    }
  }

  /** Adds the heartbeats of a message to `beats`; returns what is being parked of it. */
  private decode(source: RawDelivery, beats: Beat[]): Promise<void>[] {
    const decoded = decodeJson(source, MAX_BYTES);
    if (!decoded.ok) return [this.park(decoded.reason, { item: undefined, detail: decoded.detail, source })];
    const found = decodeHeartbeats(decoded.body);
    for (const beat of found.beats) beats.push(beat);
    if (found.refused.length > 0) {
      this.logger.warn({ refused: found.refused.length, first: found.refused[0]?.detail }, 'heartbeats refused');
    }
    return found.refused
      .slice(0, PARKED_PER_MESSAGE)
      .map(({ item, detail }) => this.park('bad-heartbeat', { item, detail, source }));
  }

  /** Never fails: a batch that failed would be parked as a whole, and the good beats in it have been counted already. */
  private async park(
    reason: string,
    { item, detail, source }: { item: unknown; detail: string; source: RawDelivery },
  ): Promise<void> {
    try {
      await this.amqp.park({ reason, detail, source, ...(item !== undefined && { item: { body: item } }) });
    } catch (error) {
      this.logger.error({ err: error, reason, detail }, 'what was refused could not be parked, and is dropped');
    }
  }
}

/** A batch usually came in one piece; one that gathered behind a take-over came over a longer time. */
function* byArrival(batch: readonly RawDelivery[]): Iterable<readonly RawDelivery[]> {
  let from = 0;
  for (const [index, { arrivedAt }] of batch.entries()) {
    if (arrivedAt - (batch[from]?.arrivedAt ?? arrivedAt) <= TOGETHER_MS) continue;
    yield batch.slice(from, index);
    from = index;
  }
  yield batch.slice(from);
}
