import { exchanges, messageTypes, snapshotKey } from '@signalbox/contracts/messages';
import {
  BEACON_INTERVAL_MS,
  MAX_EPOCH_LEAD_MS,
  snapshotPage,
  type SideMessage,
  type SideMessageBody,
  type SnapshotPage,
  type StreamBeacon,
  type StreamChange,
  type StreamDelta,
} from '@signalbox/contracts/streams';
import type { Amqp } from '@signalbox/messaging';
import { describeError, type Clock, type Logger, type LoopTurns } from '@signalbox/platform';
import type { ReplicaEffect, ResyncReason } from '../core/replica/replica-effect.js';
import type { ReplicaInput } from '../core/replica/replica-input.js';
import { createReplica } from '../core/replica/replica-state.js';
import { step } from '../core/replica/replica-step.js';
import type { FollowedStream, ReadItem } from './followed-stream.js';
import { OneATurn } from './one-a-turn.js';
import { OrderedWork } from './ordered-work.js';
import { SeqWaiters } from './seq-waiters.js';

const PAGE_TIMEOUT_MS = 5_000;

const EPOCH_REPORT_MS = 60_000;

/** Side messages that wait for a snapshot, the latest ones: with a thousand heartbeats in each, those of 256,000 readers. */
const MOST_EARLY = 256;

/** Three beacons missed: the owner is unavailable. */
const OWNER_TIMEOUT_MS = 3 * BEACON_INTERVAL_MS;

export interface StreamReplicaOptions {
  readonly content: FollowedStream;
  readonly amqp: Pick<Amqp, 'request'>;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Of all replicas of the process: one page is read, or one slice of a snapshot is shown, at a time. */
  readonly turns: Pick<LoopTurns, 'next' | 'slices'>;
  readonly onResync: (stream: string, reason: ResyncReason) => void;
  readonly onEpochRefused: (stream: string) => void;
}

/** Runs the replica of one stream: gives each event to the pure step function, and carries out the effects. */
export class StreamReplica {
  private state = createReplica();
  private epochReportedAt = -Infinity;
  private cancelRetry: (() => void) | undefined;
  private currentAt: number | undefined;
  private readonly waiters: SeqWaiters;
  private readonly sideMessages = new OneATurn();
  /** What came beside the deltas while a snapshot was fetched, and may be about what only that has. */
  private readonly early: (() => void)[] = [];
  /** What is done to the content. While a large snapshot is being shown, everything after it waits. */
  private readonly contentWork: OrderedWork;

  constructor(private readonly options: StreamReplicaOptions) {
    this.waiters = new SeqWaiters(options.clock);
    this.contentWork = new OrderedWork(options.turns, () => this.waiters.release(this.reachedSeq));
  }

  get stream(): string {
    return this.options.content.name;
  }

  /** Whether there ever was a complete snapshot. What followed from it stays readable from then on. */
  get hadSnapshot(): boolean {
    return this.options.content.hasSnapshot;
  }

  /** Whether nothing is known to be missing. If not, the content is an earlier state of the owner. */
  get isInStep(): boolean {
    return this.state.phase === 'live' && !this.contentWork.isUnderWay;
  }

  /** Where this replica is, and the digest of its content: equal to the owner's when both are at the same point. */
  get position(): { epoch: number; seq: number; digest: string } {
    const { epoch, seq, digest } = this.state;
    return { epoch, seq, digest: digest.toString() };
  }

  /** Ms since a delta or beacon of the owner was last received; undefined if never. */
  get silentMs(): number | undefined {
    const { lastReceivedAt } = this.state;
    return lastReceivedAt === undefined ? undefined : this.now() - lastReceivedAt;
  }

  /** Ms since this replica was last known to have all changes of an owner whose messages arrive; undefined if never. */
  get ageMs(): number | undefined {
    return this.currentAt === undefined ? undefined : this.now() - this.currentAt;
  }

  /** Whether the owner's beacons arrive. */
  get isOwnerAvailable(): boolean {
    return this.silentMs !== undefined && this.silentMs <= OWNER_TIMEOUT_MS;
  }

  bound(): void {
    this.take({ type: 'bound', ...this.time });
  }

  unbound(): void {
    this.early.length = 0;
    this.take({ type: 'unbound', ...this.time });
  }

  delta(delta: StreamDelta): void {
    this.take({ type: 'delta', delta: { ...delta, changes: this.read(delta.changes) }, ...this.time });
  }

  beacon(beacon: StreamBeacon): void {
    this.take({ type: 'beacon', beacon, ...this.time });
  }

  /**
   * A message that travels beside the deltas. One of another epoch than the content's is dropped. One that comes while a snapshot is fetched is
   * received again after it. Many may come at once, a thousand heartbeats in each: they do not keep the event loop together.
   */
  sideMessage<Body extends SideMessageBody>(message: SideMessage<Body>, body: Body): void {
    const isOfContent = (): boolean => body.epoch === undefined || body.epoch === this.state.epoch;
    const receive = (): void => {
      if (isOfContent()) this.contentWork.run(() => this.options.content.receive(message, body));
    };
    if (this.state.phase === 'syncing') this.keepEarly(receive);
    if (isOfContent()) this.sideMessages.run(receive);
  }

  close(): void {
    this.cancelRetry?.();
    this.contentWork.close();
    this.early.length = 0;
  }

  /**
   * Resolves true when this replica contains the change `seq`, false if that takes longer than `withinMs`. A change is
   * of the newest epoch that is known here: while that epoch's snapshot is being fetched, no seq counts as reached.
   */
  reached(seq: number, withinMs: number): Promise<boolean> {
    return this.waiters.wait({ seq, reachedSeq: this.reachedSeq, withinMs });
  }

  private get reachedSeq(): number | undefined {
    const { epoch, highestEpoch, seq } = this.state;
    return this.hadSnapshot && epoch === highestEpoch && !this.contentWork.isUnderWay ? seq : undefined;
  }

  private take(input: ReplicaInput): void {
    const wasLive = this.state.phase === 'live';
    const { state, effects } = step(this.state, input);
    this.state = state;
    if (state.phase === 'live') this.noteCurrent(wasLive ? state.lastReceivedAt : input.at);
    for (const effect of effects) this.perform(effect);
    this.waiters.release(this.reachedSeq);
  }

  /** @param at when the last message of the owner, or the last page of its snapshot came */
  private noteCurrent(at: number | undefined): void {
    if (at !== undefined && at > (this.currentAt ?? -Infinity)) this.currentAt = at;
  }

  private perform(effect: ReplicaEffect): void {
    const { content, logger, onResync, onEpochRefused } = this.options;
    switch (effect.type) {
      case 'request-page':
        void this.requestPage(effect.page, effect.snapshotId);
        break;
      case 'retry-in':
        this.retryIn(effect.ms);
        break;
      case 'changed':
        this.contentWork.run(() => content.apply(effect.changes));
        break;
      case 'assembled':
        this.contentWork.run(() => {
          if (effect.isFirst) content.beginSnapshot();
          content.addToSnapshot(effect.entries);
        });
        break;
      case 'reset':
        this.contentWork.run(() => content.showSnapshot(effect.changes));
        this.contentWork.run(() => this.logShown());
        this.receiveEarly();
        break;
      case 'epoch-refused':
        onEpochRefused(this.stream);
        this.reportEpoch(effect.epoch);
        break;
      case 'resync':
        onResync(this.stream, effect.reason);
        logger.info({ stream: this.stream, reason: effect.reason }, 'snapshot needed');
        break;
    }
  }

  /** Where deltas are missing after the snapshot, again after the next one. */
  private receiveEarly(): void {
    const early = this.state.phase === 'live' ? this.early.splice(0) : this.early;
    for (const receive of early) this.sideMessages.run(receive);
  }

  private keepEarly(receive: () => void): void {
    this.early.push(receive);
    if (this.early.length > MOST_EARLY) this.early.shift();
  }

  private logShown(): void {
    const { content, logger } = this.options;
    logger.info({ stream: content.name, ...this.position, entries: this.state.versions.size }, 'snapshot received');
  }

  /** Once a minute: a wrong owner publishes a beacon every two seconds. */
  private reportEpoch(epoch: number): void {
    const now = this.now();
    if (now - this.epochReportedAt < EPOCH_REPORT_MS) return;
    this.epochReportedAt = now;
    this.options.logger.warn(
      { stream: this.stream, epoch },
      'messages ignored: their epoch lies more than a day ahead of the clock of this process',
    );
  }

  /** Where they come in, and not where they are shown: the pages of a snapshot come one by one. */
  private read<I extends StreamChange>(items: readonly I[]): (Omit<I, 'value'> & ReadItem)[] {
    const { content, logger } = this.options;
    const { read, refused } = content.read(items);
    if (refused.length > 0)
      logger.warn(
        { stream: this.stream, keys: refused.slice(0, 10), count: refused.length },
        'entries do not fit their schema',
      );
    return read;
  }

  private async requestPage(page: number, snapshotId: string | undefined): Promise<void> {
    this.take(await this.fetchPage(page, snapshotId));
  }

  private async fetchPage(page: number, snapshotId: string | undefined): Promise<ReplicaInput> {
    const { amqp, logger, turns } = this.options;
    try {
      const answer = await amqp.request<SnapshotPage>({
        exchange: exchanges.requests.name,
        routingKey: snapshotKey(this.stream),
        type: messageTypes.snapshotRequest,
        body: { stream: this.stream, page, ...(snapshotId !== undefined && { snapshot_id: snapshotId }) },
        schema: snapshotPage,
        timeoutMs: PAGE_TIMEOUT_MS,
      });
      // Node.js reads from a socket as long as there is something: without this, page after page would come in one iteration of the event loop.
      await turns.next();
      return { type: 'page', page: { ...answer, entries: this.read(answer.entries) }, ...this.time };
    } catch (error) {
      logger.debug({ err: error, stream: this.stream, page }, 'snapshot page not received');
      return {
        type: 'snapshot-failed',
        reason: describeError(error),
        ...this.time,
      };
    }
  }

  /** The delay is random, so that many replicas do not ask a new owner all at once. */
  private retryIn([min, max]: readonly [min: number, max: number]): void {
    this.cancelRetry?.();
    const delayMs = min + Math.random() * (max - min);
    this.cancelRetry = this.options.clock.schedule(delayMs, () => this.take({ type: 'retry', ...this.time }));
  }

  private get time(): { readonly at: number; readonly maxEpoch: number } {
    return { at: this.now(), maxEpoch: this.options.clock.now() + MAX_EPOCH_LEAD_MS };
  }

  private now(): number {
    return this.options.clock.monotonic();
  }
}
