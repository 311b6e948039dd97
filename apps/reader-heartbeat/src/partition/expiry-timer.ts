import type { Clock, Logger } from '@signalbox/platform';
import type { Watermark } from '../heartbeat-path/watermark.rules.js';
import { now } from '../liveness/now.js';
import type { Reader } from '../liveness/reader.js';
import type { ReaderPartition } from './reader-partition.js';

/** Deadlines that were postponed are looked at when they are due, those of so many ms at a time. */
const LOOK_AHEAD_MS = 50;
/** By as much a moment differs at most that was taken twice from the clock of the database. */
const SAME_MS = 1_000;
/** Of readers in one log line. */
const MOST_IDS = 20;

export interface ExpiryTimerOptions {
  readonly partition: Pick<ReaderPartition, 'nextDue' | 'expire' | 'resumeReceiving'> & {
    readonly owner: Pick<ReaderPartition['owner'], 'stream'>;
  };
  /** What the other partitions have received. */
  readonly others: Watermark;
  /** Sends a canary at once. */
  readonly probe: () => void;
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * One timer, set to the next deadline of a reader. When it fires, no reader is dead yet: a canary is sent. When it returns,
 * each heartbeat that reached the queue before the canary has been received. Only silence until the canary was sent counts, so
 * that no pause of this process or of the heartbeat path, however short, counts as the silence of a reader. The sender of a reader may have
 * moved: only silence in all other partitions counts, too.
 */
export class ExpiryTimer {
  private others: Watermark;
  private armedFor = Infinity;
  private cancel: (() => void) | undefined;

  constructor(private readonly options: ExpiryTimerOptions) {
    this.others = options.others;
  }

  /** Sets the timer again if the next deadline is earlier; to be called when that may have changed. Heartbeats alone only postpone deadlines. */
  arm(): void {
    const { partition, clock, probe } = this.options;
    const now = clock.monotonic();
    const due = partition.nextDue(now + LOOK_AHEAD_MS);
    const at = due ?? now;
    if (at >= this.armedFor) return;
    this.stop();
    this.armedFor = at;
    if (due === undefined || due > now) this.cancel = clock.schedule(at - now, () => this.fired());
    // What the others have not received yet they report within a moment.
    else if (due <= this.others.through) probe();
  }

  /** What the other partitions have received. */
  setOthers(watermark: Watermark): void {
    const { partition, logger } = this.options;
    if (watermark.since > this.others.since + SAME_MS)
      logger.info(
        { stream: partition.owner.stream },
        'heartbeat path of another partition opened; silence counts from then on',
      );
    if (watermark.since > this.others.since) partition.resumeReceiving(watermark.since);
    this.others = watermark;
    if (this.armedFor === -Infinity) return;
    this.stop();
    this.arm();
  }

  /** Heartbeats can arrive again: silence counts from now on. */
  pathOpened(): void {
    const { partition, clock, logger } = this.options;
    logger.info({ stream: partition.owner.stream }, 'heartbeat path opened; silence counts from now on');
    partition.resumeReceiving(clock.monotonic());
  }

  /** Silence until now does not count. */
  countFromNow(): void {
    this.options.partition.resumeReceiving(this.options.clock.monotonic());
    this.arm();
  }

  /**
   * A canary that was sent at `sentAt` (monotonic ms) returned: all heartbeats that were sent before it have been received. Where very many readers die,
   * that takes several turns of the event loop.
   */
  receivedUpTo(sentAt: number): void {
    const { partition, clock } = this.options;
    const { unix, monotonic } = now(clock);
    const through = Math.min(sentAt, this.others.through);
    if (through === -Infinity) return;
    this.stop();
    // Until it is complete no other canary is needed.
    this.armedFor = -Infinity;
    const { died, isComplete } = partition.expire({ monotonic: through, unix: unix - Math.round(monotonic - through) });
    this.log(died);
    if (!isComplete) return void (this.cancel = clock.schedule(0, () => this.receivedUpTo(sentAt)));
    this.armedFor = Infinity;
    this.arm();
  }

  stop(): void {
    this.cancel?.();
    this.armedFor = Infinity;
  }

  private fired(): void {
    this.armedFor = Infinity;
    this.arm();
  }

  private log(died: readonly Reader[]): void {
    const { logger, partition } = this.options;
    if (died.length === 0) return;
    const ids = died.slice(0, MOST_IDS).map(({ readerId }) => readerId);
    logger.info({ stream: partition.owner.stream, readers: died.length, reader_ids: ids }, 'readers declared dead');
    for (const { readerId, since, receivedAt } of died)
      logger.debug({ reader_id: readerId, silent_ms: since.unix - receivedAt.unix }, 'reader declared dead');
  }
}
