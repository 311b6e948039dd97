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
 * One timer, set to the next moment at which something about a reader falls due. When it fires, nobody is dead yet: a
 * canary is sent, and once it is back everything that reached the queue before it has been heard. Only silence up to the
 * moment it was sent counts, so no pause of this process or of the line, however short, is taken for a reader's.
 */
export class ExpiryTimer {
  private armedFor = Infinity;
  private cancel: (() => void) | undefined;

  constructor(private readonly options: ExpiryTimerOptions) {}

  /** Looks at the partition again; to be called when a moment may have come nearer. */
  arm(): void {
    const { partition, clock, probe } = this.options;
    const due = partition.nextDue();
    if (due >= this.armedFor) return;
    this.stop();
    this.armedFor = due;
    this.cancel = clock.schedule(due - clock.monotonic(), probe);
  }

  /** Beats can be heard again: silence counts from now on. */
  lineOpened(): void {
    const { partition, clock, logger } = this.options;
    logger.info('heartbeats come through: silence counts from now on');
    partition.listenAgain(clock.monotonic());
  }

  /** A canary is back that was sent at `sentAt` (monotonic ms): all that was sent before it has been heard. */
  heardUpTo(sentAt: number): void {
    const { partition, clock, logger } = this.options;
    const { unix, monotonic } = now(clock);
    const { died } = partition.expire({ monotonic: sentAt, unix: unix - Math.round(monotonic - sentAt) });
    for (const { readerId, since, heard } of died) {
      logger.info({ reader_id: readerId, silent_ms: since.unix - heard.unix }, 'reader is dead');
    }
    this.stop();
    this.arm();
  }

  stop(): void {
    this.cancel?.();
    this.armedFor = Infinity;
  }
}
