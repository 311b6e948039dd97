import { Inject, Injectable } from '@nestjs/common';
import { Amqp, type RawDelivery, type UndecodableReason } from '@signalbox/messaging';
import { CLOCK, CONFIG, LOGGER, SparseLog, type Clock, type Logger } from '@signalbox/platform';
import type { Config } from '../config.js';
import type { ReaderLimits } from '../limits/reader-places.rules.js';
import type { Beat } from '../liveness/beat.js';
import type { BeatWithoutPlace } from '../partition/reader-partition.js';
import { REFUSAL_REASONS, type Refused } from './decode-heartbeats.js';
import { HeartbeatMetrics } from './heartbeats.metrics.js';

/** Per message; the log line has the count of all that were refused. A faulty sender must not delay the others. */
const DEAD_LETTERS_PER_MESSAGE = 10;

/** Counts and logs heartbeats that are refused, and dead-letters those that are wrong. */
@Injectable()
export class RefusedHeartbeats {
  /** A sender with faulty heartbeats, and a reader beyond a limit, publish one after the other. */
  private readonly sparse: SparseLog;

  constructor(
    private readonly amqp: Amqp,
    private readonly metrics: HeartbeatMetrics,
    @Inject(CONFIG) private readonly config: Config,
    @Inject(CLOCK) clock: Clock,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {
    this.sparse = new SparseLog(clock);
  }

  /** A message that cannot be read. Resolves when it is dead-lettered, or cannot be. Of one that is too large the body is left out: a few would displace all others. */
  unreadable(source: RawDelivery, { reason, detail }: { reason: UndecodableReason; detail: string }): Promise<void> {
    this.metrics.refused(reason, 1);
    return this.deadLetter(source, { reason, detail, ...(reason === 'too-large' && { item: null }) });
  }

  /** Heartbeats of one message. Resolves when they are dead-lettered, or cannot be. */
  async wrong(source: RawDelivery, refused: readonly Refused[]): Promise<void> {
    for (const reason of REFUSAL_REASONS) {
      const last = refused.findLast((each) => each.reason === reason);
      if (last === undefined) continue;
      const count = refused.filter((each) => each.reason === reason).length;
      this.metrics.refused(reason, count);
      const { sender } = source;
      const due = this.sparse.due(`${reason} of ${sender ?? ''}`, count);
      if (due !== undefined)
        this.logger.warn({ refused: due, reader_id: last.readerId, sender, reason: last.detail }, 'heartbeats refused');
    }
    for (const { readerId } of refused) if (readerId !== undefined) this.metrics.refusedOf(readerId);
    await Promise.all(refused.slice(0, DEAD_LETTERS_PER_MESSAGE).map((each) => this.deadLetter(source, each)));
  }

  /**
   * Heartbeats of new readers for which there is no place. They are not dead-lettered: each comes again with every interval, and would
   * displace what else is dead-lettered.
   */
  withoutPlace(refused: readonly BeatWithoutPlace[]): void {
    if (refused.length === 0) return;
    this.metrics.refused('too-many-readers', refused.length);
    for (const { beat } of refused) this.metrics.refusedOf(beat.readerId);
    for (const limit of ['all', 'perKey'] as const) {
      const beats = refused.filter((each) => each.limit === limit).map(({ beat }) => beat);
      if (beats.length > 0) this.logLimit(limit, beats);
    }
  }

  private logLimit(limit: keyof ReaderLimits, beats: readonly Beat[]): void {
    const refused = this.sparse.due(limit, beats.length);
    if (refused === undefined) return;
    const { readerId, countsFor } = beats.at(-1)!;
    const key = typeof countsFor === 'object' ? { sender: countsFor.id, pattern: countsFor.pattern } : {};
    this.logger.warn(
      { refused, reader_id: readerId, ...key, reason: this.reasonOf(limit) },
      'heartbeats of new readers refused',
    );
  }

  private reasonOf(limit: keyof ReaderLimits): string {
    const { SIGNALBOX_MAX_READERS: all, SIGNALBOX_MAX_READERS_PER_KEY: perKey } = this.config;
    return limit === 'all'
      ? `${all} readers are known, as many as SIGNALBOX_MAX_READERS permits`
      : `${perKey} readers of the key are known, as many as SIGNALBOX_MAX_READERS_PER_KEY permits`;
  }

  /** Never rejects: the subscription would dead-letter the whole batch, whose valid heartbeats are already recorded. */
  private async deadLetter(
    source: RawDelivery,
    {
      reason,
      detail,
      readerId: sender,
      item,
    }: { reason: string; detail: string } & Partial<Pick<Refused, 'readerId' | 'item'>>,
  ): Promise<void> {
    try {
      await this.amqp.deadLetter({
        reason,
        detail,
        source,
        sender,
        ...(item !== undefined && { item: { body: item } }),
      });
    } catch (error) {
      this.logger.error({ err: error, reason, detail }, 'refused heartbeat could not be dead-lettered and is dropped');
    }
  }
}
