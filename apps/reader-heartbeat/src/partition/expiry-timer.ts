import type { Clock, Logger } from '@signalbox/platform';
import { now } from '../liveness/now.js';
import type { ReaderPartition } from './reader-partition.js';

export interface ExpiryTimerOptions {
  readonly partition: ReaderPartition;
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

  /** Sets the timer again if the next deadline is earlier; to be called when that may have changed. */
  arm(): void {
    const { partition, clock, probe } = this.options;
    const due = partition.nextDue();
    if (due >= this.armedFor) return;
    this.stop();
    this.armedFor = due;
    this.cancel = clock.schedule(due - clock.monotonic(), probe);
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

  /** A canary that was sent at `sentAt` (monotonic ms) returned: all heartbeats that were sent before it have been received. */
  receivedUpTo(sentAt: number): void {
    const { partition, clock, logger } = this.options;
    const { unix, monotonic } = now(clock);
    const { died } = partition.expire({ monotonic: sentAt, unix: unix - Math.round(monotonic - sentAt) });
    for (const { readerId, since, receivedAt } of died) {
      logger.info({ reader_id: readerId, silent_ms: since.unix - receivedAt.unix }, 'reader declared dead');
    }
    this.stop();
    this.arm();
  }

  stop(): void {
    this.cancel?.();
    this.armedFor = Infinity;
  }
}
