import type { Logger } from '@signalbox/platform';

const LOG_INTERVAL_MS = 10_000;

/** Logs the requests of a queue that were dropped because their deadline had passed: a service that is too slow drops many. */
export class ExpiredRequests {
  private count = 0;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly queue: string,
    private readonly logger: Logger,
  ) {}

  add(): void {
    this.count += 1;
    if (this.timer === undefined) this.log();
  }

  private log(): void {
    this.timer = undefined;
    if (this.count === 0) return;
    this.logger.warn({ queue: this.queue, count: this.count }, 'requests dropped, their deadline had passed');
    this.count = 0;
    this.timer = setTimeout(() => this.log(), LOG_INTERVAL_MS).unref();
  }
}
