import type { Clock, Logger } from '@signalbox/platform';
import { now } from '../liveness/now.js';
import type { Reader } from '../liveness/reader.js';
import type { ReaderPartition } from './reader-partition.js';

/** Deadlines that were postponed are looked at when they are due, those of so many ms at a time. */
const LOOK_AHEAD_MS = 50;
/** Of readers in one log line. */
const MOST_IDS = 20;

export interface ExpiryTimerOptions {
  readonly partition: Pick<ReaderPartition, 'nextDue' | 'expire' | 'resumeReceiving'> & {
    readonly owner: Pick<ReaderPartition['owner'], 'stream'>;
  };
  /** Sends a canary at once. */
  readonly probe: () => void;
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * One timer, set to the next deadline of a reader. When it fires, no reader is dead yet: a canary is sent. When it returns,
 * each heartbeat that reached the queue before the canary has been received. Only silence until the canary was sent counts, so
 * that no pause of this process or of the heartbeat path, however short, counts as the silence of a reader.
 */
export class ExpiryTimer {
  private armedFor = Infinity;
  private cancel: (() => void) | undefined;

  constructor(private readonly options: ExpiryTimerOptions) {}

  /** Sets the timer again if the next deadline is earlier; to be called when that may have changed. Heartbeats alone only postpone deadlines. */
  arm(): void {
    const { partition, clock, probe } = this.options;
    const now = clock.monotonic();
    const due = partition.nextDue(now + LOOK_AHEAD_MS);
    if ((due ?? now) >= this.armedFor) return;
    this.stop();
    this.armedFor = due ?? now;
    if (due === undefined) this.cancel = clock.schedule(0, () => this.fired());
    else if (due <= now) probe();
    else if (due < Infinity) this.cancel = clock.schedule(due - now, () => this.fired());
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
    // Until it is complete no other canary is needed.
    this.armedFor = -Infinity;
    const { died, isComplete } = partition.expire({ monotonic: sentAt, unix: unix - Math.round(monotonic - sentAt) });
    this.log(died);
    this.stop();
    if (isComplete) return this.arm();
    this.armedFor = -Infinity;
    this.cancel = clock.schedule(0, () => this.receivedUpTo(sentAt));
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
