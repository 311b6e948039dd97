import { randomUUID } from 'node:crypto';
import { Inject, Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import {
  EARLIER_BEATS_QUEUE,
  heldExchange,
  heldQueue,
  heldTopology,
  partitionExchange,
  partitionTopology,
} from '@signalbox/contracts/messages';
import { Amqp, type Subscription } from '@signalbox/messaging';
import {
  CLOCK,
  CONFIG,
  describeError,
  every,
  HEALTH,
  LOGGER,
  SHUTDOWN,
  wait,
  type Clock,
  type Health,
  type Logger,
} from '@signalbox/platform';
import { MOST_PARTITIONS, type Config } from '../config.js';
import { Canaries } from '../heartbeat-path/canaries.js';
import { HeartbeatsConsumer } from '../heartbeats/heartbeats.consumer.js';
import { PartitionKeepers } from '../partition/partition-keepers.js';
import type { PartitionKeeper, Partitioning } from '../partition/partition.keeper.js';
import { LEASE_MS, LeaseRepository } from '../leases/lease.repository.js';
import { ReaderMoves } from './reader-moves.js';
import { Watermarks } from './watermarks.js';
import { retiredOf, shareOf, streamsOf, type Ownership } from '../leases/share.rules.js';

const TURN_MS = 1_000;
/** Between two renewals of this process. After a longer one, leases of others may have ended only because they could not renew them either. */
const LONGEST_GAP_MS = 2 * TURN_MS;
/** Without the broker for so long, this process lets its leases end: another one may be connected. */
const CUT_OFF_AFTER_MS = 5_000;
/** Without a canary for so long, something between the exchange of the readers and the queue may have been deleted. */
const REPAIR_AFTER_MS = 5_000;
/** A process is ready when it consumes its share. It does not wait longer for one that another still has. */
const SHARE_WITHIN_MS = 2 * LEASE_MS;

interface Owned {
  readonly keeper: PartitionKeeper;
  readonly subscription: Pick<Subscription, 'ready' | 'close'>;
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
  /** Partitions that this process does not own any more, and is not done with. */
  private readonly ending = new Map<number, Promise<void>>();
  /** Undefined: it is not known yet. */
  private partitioning: Partitioning | undefined;
  private stops: (() => void)[] = [];
  private turning: Promise<void> = Promise.resolve();
  private keepingUp: Promise<void> = Promise.resolve();
  /** Partitions beyond the count whose readers the others may not have taken over yet. */
  private retired: readonly number[] = [];
  /** Aborted when this process consumes its share. */
  private readonly share = new AbortController();
  private isFailing = false;
  private hasEarlierQueue = true;
  /** Whether the ring may give a share to partitions beyond the count, where no process consumes it. */
  private hasStrayWays = true;
  /** Monotonic ms; undefined: never. */
  private renewedAt: number | undefined;
  /** When the broker was connected last, monotonic ms. */
  private connectedAt: number;
  /** Monotonic ms. After an outage of the database all leases have ended: first each process renews its own. */
  private takesFrom = 0;

  constructor(
    private readonly leases: LeaseRepository,
    private readonly keepers: PartitionKeepers,
    private readonly moves: ReaderMoves,
    private readonly watermarks: Watermarks,
    private readonly consumer: HeartbeatsConsumer,
    private readonly canaries: Canaries,
    private readonly amqp: Amqp,
    @Inject(CONFIG) private readonly config: Config,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(HEALTH) health: Health,
    @Inject(LOGGER) private readonly logger: Logger,
    @Inject(SHUTDOWN) private readonly shutdown: AbortSignal,
  ) {
    this.connectedAt = clock.monotonic();
    health.add('partitions', () => ({ status: 'up', detail: this.describe() }), { required: false });
  }

  async onApplicationBootstrap(): Promise<void> {
    const { clock } = this;
    this.watermarks.start(this.id);
    this.stops = [
      every({ clock, ms: TURN_MS, atOnce: true }, () => (this.turning = this.turn())),
      every({ clock, ms: TURN_MS }, () => (this.keepingUp = this.keepUp())),
    ];
    await wait({ clock, ms: SHARE_WITHIN_MS, signal: AbortSignal.any([this.share.signal, this.shutdown]) });
  }

  async beforeApplicationShutdown(): Promise<void> {
    for (const stop of this.stops) stop();
    await Promise.all([this.turning, this.keepingUp, this.moves.stop(), this.watermarks.stop()]);
    await Promise.all([...this.ending.values(), ...Array.from(this.owned.keys(), (each) => this.close(each))]);
    await this.leases.leave(this.id).catch((error: unknown) => {
      this.logger.debug(
        { reason: describeError(error) },
        'leases of partitions not given back; they end by themselves',
      );
    });
  }

  /** Waits for the database only: where the broker answers late, the leases must not end. */
  private async turn(): Promise<void> {
    try {
      if (!this.isCutOff()) await this.followLeases();
      this.isFailing = false;
    } catch (error) {
      const level = this.isFailing ? 'debug' : 'warn';
      this.isFailing = true;
      this.logger[level]({ reason: describeError(error) }, 'leases of partitions not renewed; retrying');
    }
  }

  /** What is to be done at the broker, beside the leases. */
  private async keepUp(): Promise<void> {
    await this.orNextTurn('the way of heartbeats not repaired', () => this.repairWays());
    await this.orNextTurn('retired partitions not ended', () => this.endRetired());
    await this.orNextTurn('the ways to partitions beyond the count not deleted', () => this.removeStrayWays());
    await this.orNextTurn('the queue of the previous release not deleted', () => this.removeEarlierQueue());
  }

  /** Where no process is connected, no lease is taken by another, and each renews its own when the broker is back. */
  private isCutOff(): boolean {
    const now = this.clock.monotonic();
    if (this.amqp.status().up) this.connectedAt = now;
    return now - this.connectedAt > CUT_OFF_AFTER_MS;
  }

  private async orNextTurn(failure: string, work: () => Promise<void>): Promise<void> {
    await work().catch((error: unknown) => this.logger.debug({ reason: describeError(error) }, `${failure}; retrying`));
  }

  private async followLeases(): Promise<void> {
    if (this.partitioning === undefined && (await this.leases.configure(this.config.HEARTBEAT_PARTITIONS)))
      this.logger.info({ partitions: this.config.HEARTBEAT_PARTITIONS }, 'number of partitions set');
    const ownership = await this.leases.renew(this.id);
    const renewedAt = this.clock.monotonic();
    this.noteGap(renewedAt - (this.renewedAt ?? renewedAt), renewedAt);
    this.renewedAt = renewedAt;
    const { count } = ownership;
    const retired = retiredOf(ownership);
    this.setPartitioning({ count, streams: streamsOf(ownership), isDivided: count > 1 || retired.length > 0 });
    this.moves.follow(count, retired);
    this.retired = retired;
    const { keep, giveBack, take } = shareOf(this.id, ownership);
    const taken = take.length > 0 && renewedAt >= this.takesFrom ? await this.leases.take(this.id, take) : [];
    const mine = new Set([...keep, ...taken]);
    for (const partition of mine)
      if (partition < count && !this.owned.has(partition) && !this.ending.has(partition)) this.open(partition);
    const drained = retired.filter((each) => this.owned.get(each)?.keeper.isEmpty ?? keep.includes(each));
    const lost = Array.from(this.owned.keys()).filter((each) => !mine.has(each));
    for (const partition of new Set([...lost, ...giveBack, ...drained])) this.giveUp(partition);
    this.noteShare(taken.length < take.length || giveBack.length > 0, ownership);
  }

  private noteGap(gapMs: number, renewedAt: number): void {
    if (gapMs <= LONGEST_GAP_MS) return;
    this.takesFrom = renewedAt + LEASE_MS;
    this.logger.info({ after_ms: Math.round(gapMs) }, 'leases of partitions renewed late');
  }

  /** At first their heartbeats go to the other partitions. */
  private async endRetired(): Promise<void> {
    const { partitioning, retired } = this;
    if (partitioning === undefined || retired.length === 0) return;
    await this.deleteWays(retired);
    await this.leases.endRetired(partitioning.count);
  }

  private async deleteWays(partitions: readonly number[]): Promise<void> {
    const exchanges = partitions.flatMap((partition) => [partitionExchange(partition), heldExchange(partition)]);
    await this.amqp.deleteExchanges(exchanges.map(({ name }) => name));
  }

  private noteShare(isIncomplete: boolean, { count, processes }: Ownership): void {
    if (this.share.signal.aborted || isIncomplete || this.owned.size < Math.floor(count / processes.length)) return;
    const ready = Promise.all(Array.from(this.owned.values(), ({ subscription }) => subscription.ready));
    void ready.then(
      () => this.share.abort(),
      () => undefined,
    );
  }

  private setPartitioning(partitioning: Partitioning): void {
    this.partitioning = partitioning;
    this.canaries.setCount(partitioning.count);
    this.watermarks.follow(partitioning.count, partitioning.isDivided);
    for (const { keeper } of this.owned.values()) keeper.setPartitioning(partitioning);
  }

  private open(partition: number): void {
    const keeper = this.keepers.add(partition, this.partitioning!);
    this.owned.set(partition, { keeper, subscription: this.consumer.consume(keeper) });
  }

  /** Ends owning a partition. Its lease is renewed until what was to be written is written. */
  private giveUp(partition: number): void {
    if (this.ending.has(partition)) return;
    const ending = this.orNextTurn('a partition not given back', async () => {
      await this.close(partition);
      const isRetired = partition >= (this.partitioning?.count ?? Infinity);
      if (isRetired) await this.amqp.undeclare(heldTopology(partition), [heldQueue(partition).name]);
      // Its subscription may have declared the way of a retired one again.
      this.hasStrayWays ||= isRetired;
      await this.leases.giveBack(this.id, [partition]);
    });
    this.ending.set(partition, ending);
    void ending.finally(() => this.ending.delete(partition));
  }

  private async close(partition: number): Promise<void> {
    const owned = this.owned.get(partition);
    this.owned.delete(partition);
    owned?.keeper.giveUp();
    await owned?.subscription.close();
    if (owned) await this.keepers.remove(owned.keeper);
  }

  /** Declares again what brings heartbeats to a queue of this process in which no canary arrives, or the queue itself. */
  private async repairWays(): Promise<void> {
    for (const [partition, { keeper, subscription }] of this.owned) {
      if (partition >= (this.partitioning?.count ?? 0) || !keeper.table || keeper.canaryAgeMs < REPAIR_AFTER_MS)
        continue;
      try {
        // On later connections the subscription declares it, with the queue.
        await this.amqp.declareOnce({ ...partitionTopology(partition), queues: [] });
      } catch (error) {
        if (!isNotFound(error)) throw error;
        // A node that notices late that another one has ended deletes what was on it, also what has been declared elsewhere since: rabbitmq-server#9798.
        this.logger.warn({ partition }, 'the queue of a partition has disappeared; declaring it again');
        await subscription.close();
        // It may have been given up meanwhile.
        if (this.owned.get(partition)?.subscription === subscription)
          this.owned.set(partition, { keeper, subscription: this.consumer.consume(keeper) });
      }
    }
  }

  /** Those of a database that was replaced, and those that a process declared again after its partition had ended. */
  private async removeStrayWays(): Promise<void> {
    if (!this.hasStrayWays || this.partitioning === undefined) return;
    const { count } = this.partitioning;
    this.hasStrayWays = false;
    const beyond = Array.from({ length: MOST_PARTITIONS - count }, (_, each) => count + each);
    await this.deleteWays(beyond).catch((error: unknown) => {
      this.hasStrayWays = true;
      throw error;
    });
  }

  /** Processes of the previous release may still consume it. */
  private async removeEarlierQueue(): Promise<void> {
    if (this.hasEarlierQueue) this.hasEarlierQueue = !(await this.amqp.deleteUnused(EARLIER_BEATS_QUEUE));
  }

  private describe(): string {
    if (this.partitioning === undefined) return 'not known yet';
    const own = Array.from(this.owned.keys()).toSorted((a, b) => a - b);
    return `${own.length === 0 ? 'none' : own.join(', ')} of ${this.partitioning.count}`;
  }
}

const isNotFound = (error: unknown): boolean => error instanceof Error && 'code' in error && error.code === 404;
