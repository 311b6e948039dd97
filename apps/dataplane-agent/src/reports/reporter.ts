import { exchanges, messageTypes, reportKey, type DataplaneReport } from '@signalbox/contracts/messages';
import type { Publisher } from '@signalbox/messaging';
import { every, type Clock, type Logger } from '@signalbox/platform';

/** With more unconfirmed reports than these no further one is published: a report that reaches the broker late would look current. */
const MAX_UNCONFIRMED = 4;
/** Changes within this time are reported together, ms. */
const SOON_MS = 100;

export interface ReporterOptions {
  readonly dataplane: string;
  readonly intervalMs: number;
  readonly publisher: Publisher;
  /** False while the broker blocks publishers: what is published then arrives late. */
  readonly accepting: () => boolean;
  /** The content of a report, from memory. */
  readonly compose: () => Omit<DataplaneReport, 'seq'>;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Publishes a report at once and then at every interval, whether or not the reports before were confirmed. */
export class Reporter {
  private seq = 0;
  private unconfirmed = 0;
  private cancel: (() => void) | undefined;
  private cancelSoon: (() => void) | undefined;

  constructor(private readonly options: ReporterOptions) {}

  start(): void {
    const { clock, intervalMs } = this.options;
    this.cancel = every({ clock, ms: intervalMs, atOnce: true }, () => this.now());
  }

  stop(): void {
    this.cancel?.();
    this.cancelSoon?.();
  }

  /** Publishes within 100 ms: after a change that others may follow at once. */
  soon(): void {
    this.cancelSoon ??= this.options.clock.schedule(SOON_MS, () => {
      this.cancelSoon = undefined;
      this.now();
    });
  }

  /** Publishes now. While the broker takes nothing the report is dropped: no report is published later. */
  now(): void {
    const { accepting, logger } = this.options;
    if (!accepting() || this.unconfirmed >= MAX_UNCONFIRMED)
      return logger.debug({ unconfirmed: this.unconfirmed }, 'report dropped: the broker takes nothing');
    this.publish().catch((error: unknown) => logger.debug({ err: error }, 'report not confirmed'));
  }

  /** Publishes now and resolves when the broker has confirmed it. @throws PublishError */
  async publish(): Promise<void> {
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
