import type { Clock, Logger } from '@signalbox/platform';
import { now } from '../liveness/now.js';
import type { LineWatch } from '../line/line-watch.js';
import type { ReaderPartition } from './reader-partition.js';

export interface ExpiryTimerOptions {
  readonly partition: ReaderPartition;
  readonly line: LineWatch;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** One timer, set to the next moment at which something about a reader falls due. */
export class ExpiryTimer {
  private armedFor = Infinity;
  private cancel: (() => void) | undefined;

  constructor(private readonly options: ExpiryTimerOptions) {}

  /** Looks at the partition again; to be called when a moment may have come nearer. */
  arm(): void {
    const { partition, clock } = this.options;
    const due = partition.nextDue();
    if (due >= this.armedFor) return;
    this.stop();
    this.armedFor = due;
    this.cancel = clock.schedule(due - clock.monotonic(), () => this.fire());
  }

  /** Beats can be heard again: silence counts from now on. */
  lineOpened(): void {
    const { partition, clock, logger } = this.options;
    logger.info('heartbeats come through: silence counts from now on');
    partition.listenAgain(clock.monotonic());
    this.arm();
  }

  stop(): void {
    this.cancel?.();
    this.armedFor = Infinity;
  }

  private fire(): void {
    const { partition, line, clock, logger } = this.options;
    this.armedFor = Infinity;
    if (!line.isOpen(clock.monotonic())) {
      logger.warn('heartbeats do not come through: nobody is called dead until they do');
      return; // lineOpened() arms it again
    }
    const { died } = partition.expire(now(clock));
    for (const { readerId, since, heard } of died) {
      logger.info({ reader_id: readerId, silent_ms: since - heard.unix }, 'reader is dead');
    }
    this.arm();
  }
}
