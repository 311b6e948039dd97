import { exchanges, messageTypes, reportKey, type DataplaneReport } from '@signalbox/contracts/messages';
import type { Publisher } from '@signalbox/messaging';
import type { Clock, Logger } from '@signalbox/platform';

/** More unconfirmed reports than these are not sent: what the broker gets late would look fresh. */
const MOST_UNCONFIRMED = 4;
/** Changes that come one upon the other are told together, ms. */
const SOON_MS = 100;

export interface ReporterOptions {
  readonly dataplane: string;
  readonly intervalMs: number;
  readonly publisher: Publisher;
  /** False while the broker stops publishers: what is sent then arrives late. */
  readonly accepting: () => boolean;
  /** What is to be said now; from memory. */
  readonly compose: () => Omit<DataplaneReport, 'seq'>;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Reports at once and then at every interval, whatever became of the reports before. */
export class Reporter {
  private seq = 0;
  private unconfirmed = 0;
  private cancel: (() => void) | undefined;
  private cancelSoon: (() => void) | undefined;

  constructor(private readonly options: ReporterOptions) {}

  start(): void {
    this.cancel = this.options.clock.schedule(this.options.intervalMs, () => this.start());
    this.now();
  }

  stop(): void {
    this.cancel?.();
    this.cancelSoon?.();
  }

  /** Something has changed, and more of it may follow at once. */
  soon(): void {
    this.cancelSoon ??= this.options.clock.schedule(SOON_MS, () => {
      this.cancelSoon = undefined;
      this.now();
    });
  }

  /** Reports now, or not at all where the broker is away: nothing waits for a report. */
  now(): void {
    const { accepting, logger } = this.options;
    if (!accepting() || this.unconfirmed >= MOST_UNCONFIRMED)
      return logger.debug('a report is left out: the broker takes nothing');
    this.last().catch((error: unknown) => logger.debug({ err: error }, 'a report was not confirmed'));
  }

  /** Reports and resolves when the broker has it. */
  async last(): Promise<void> {
    const { dataplane, publisher, compose } = this.options;
    this.unconfirmed += 1;
    try {
      const body = { ...compose(), seq: (this.seq += 1) } satisfies DataplaneReport;
      await publisher.publish({
        exchange: exchanges.reports.name,
        routingKey: reportKey(dataplane),
        type: messageTypes.report,
        body,
      });
    } finally {
      this.unconfirmed -= 1;
    }
  }
}
