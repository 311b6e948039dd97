import { randomUUID } from 'node:crypto';
import { Inject, Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { EARLIER_BEATS_QUEUE } from '@signalbox/contracts/messages';
import { Amqp, type Subscription } from '@signalbox/messaging';
import {
  CLOCK,
  CONFIG,
  describeError,
  every,
  HEALTH,
  LOGGER,
  settlesWithin,
  SHUTDOWN,
  wait,
  type Clock,
  type Health,
  type Logger,
} from '@signalbox/platform';
import type { Config } from '../config.js';
import { Canaries } from '../heartbeat-path/canaries.js';
import { HeartbeatsConsumer } from '../heartbeats/heartbeats.consumer.js';
import { PartitionKeepers } from '../partition/partition-keepers.js';
import type { PartitionKeeper } from '../partition/partition.keeper.js';
import { LEASE_MS, LeaseRepository } from './persistence/lease.repository.js';
import { shareOf, type Ownership } from './share.rules.js';

const TURN_MS = 1_000;
/** A process is ready when it consumes its share. It does not wait longer for one that another still has. */
const SHARE_WITHIN_MS = 2 * LEASE_MS;

interface Owned {
  readonly keeper: PartitionKeeper;
  readonly subscription: Subscription;
}

/**
 * Gives this process its share of the partitions. Who consumes the queue of a partition owns it; the broker lets only one. The leases in the
 * database say who tries, so that all shares are even. While the database is unavailable, each process keeps what it has, and nothing is taken.
 */
@Injectable()
export class OwnedPartitions implements OnApplicationBootstrap, BeforeApplicationShutdown {
  /** Of this process. */
  private readonly id = randomUUID();
  private readonly owned = new Map<number, Owned>();
  /** Undefined: it is not known yet. */
  private count: number | undefined;
  private stop: () => void = () => undefined;
  private turning: Promise<void> = Promise.resolve();
  /** Aborted when this process consumes its share. */
  private readonly share = new AbortController();
  private isFailing = false;
  private hasEarlierQueue = true;
  /** Monotonic ms. After an outage of the database all leases have ended: first each process renews its own. */
  private takesFrom = 0;

  constructor(
    private readonly leases: LeaseRepository,
    private readonly keepers: PartitionKeepers,
    private readonly consumer: HeartbeatsConsumer,
    private readonly canaries: Canaries,
    private readonly amqp: Amqp,
    @Inject(CONFIG) private readonly config: Config,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(HEALTH) health: Health,
    @Inject(LOGGER) private readonly logger: Logger,
    @Inject(SHUTDOWN) private readonly shutdown: AbortSignal,
  ) {
    health.add('partitions', () => ({ status: 'up', detail: this.describe() }), { required: false });
  }

  async onApplicationBootstrap(): Promise<void> {
    const { clock } = this;
    this.stop = every({ clock, ms: TURN_MS, atOnce: true }, () => (this.turning = this.turn()));
    await wait({ clock, ms: SHARE_WITHIN_MS, signal: AbortSignal.any([this.share.signal, this.shutdown]) });
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.stop();
    await this.turning;
    await Promise.all(Array.from(this.owned.keys(), (partition) => this.close(partition)));
    await this.leases.leave(this.id).catch((error: unknown) => {
      this.logger.debug({ reason: describeError(error) }, 'leases of partitions not given back; they end by themselves');
    });
  }

  private async turn(): Promise<void> {
    try {
      await this.followLeases();
      this.isFailing = false;
    } catch (error) {
      this.takesFrom = this.clock.monotonic() + LEASE_MS;
      const level = this.isFailing ? 'debug' : 'warn';
      this.isFailing = true;
      this.logger[level]({ reason: describeError(error) }, 'leases of partitions not renewed; retrying');
    }
    await this.removeEarlierQueue();
  }

  private async followLeases(): Promise<void> {
    if (this.count === undefined && (await this.leases.configure(this.config.HEARTBEAT_PARTITIONS)))
      this.logger.info({ partitions: this.config.HEARTBEAT_PARTITIONS }, 'number of partitions set');
    const ownership = await this.leases.renew(this.id);
    this.setCount(ownership.count);
    const { keep, giveBack, take } = shareOf(this.id, ownership);
    const taken = take.length > 0 && this.clock.monotonic() >= this.takesFrom ? await this.leases.take(this.id, take) : [];
    const mine = new Set([...keep, ...taken]);
    for (const partition of mine) if (!this.owned.has(partition)) this.open(partition, ownership.count);
    await Promise.all(Array.from(this.owned.keys()).filter((each) => !mine.has(each)).map((each) => this.close(each)));
    if (giveBack.length > 0) await this.leases.giveBack(this.id, giveBack);
    await this.awaitShare(taken.length < take.length || giveBack.length > 0, ownership);
  }

  private async awaitShare(isIncomplete: boolean, { count, processes }: Ownership): Promise<void> {
    if (this.share.signal.aborted || isIncomplete || this.owned.size < Math.floor(count / processes.length)) return;
    const ready = Promise.all(Array.from(this.owned.values(), ({ subscription }) => subscription.ready));
    if (await settlesWithin({ clock: this.clock, ms: TURN_MS }, ready)) this.share.abort();
  }

  private setCount(count: number): void {
    if (count === this.count) return;
    this.count = count;
    this.canaries.setCount(count);
    for (const { keeper } of this.owned.values()) keeper.setCount(count);
  }

  private open(partition: number, count: number): void {
    const keeper = this.keepers.add(partition, count);
    this.owned.set(partition, { keeper, subscription: this.consumer.consume(keeper) });
  }

  /** Resolves when another process can take the partition. */
  private async close(partition: number): Promise<void> {
    const { keeper, subscription } = this.owned.get(partition)!;
    this.owned.delete(partition);
    await subscription.close();
    await this.keepers.remove(keeper);
  }

  /** Processes of the previous release may still consume it. */
  private async removeEarlierQueue(): Promise<void> {
    if (!this.hasEarlierQueue) return;
    try {
      this.hasEarlierQueue = !(await this.amqp.deleteUnused(EARLIER_BEATS_QUEUE));
    } catch (error) {
      this.logger.debug({ reason: describeError(error) }, 'the queue of the previous release not deleted; retrying');
    }
  }

  private describe(): string {
    if (this.count === undefined) return 'not known yet';
    const own = Array.from(this.owned.keys()).toSorted((a, b) => a - b);
    return `${own.length === 0 ? 'none' : own.join(', ')} of ${this.count}`;
  }
}
