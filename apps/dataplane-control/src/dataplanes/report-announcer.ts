import { Inject, Injectable, type OnModuleDestroy } from '@nestjs/common';
import { exchanges, messageTypes, type DataplaneReport } from '@signalbox/contracts/messages';
import { streams, type StreamReport } from '@signalbox/contracts/streams';
import { Amqp } from '@signalbox/messaging';
import { CLOCK, LOGGER, type Clock, type Logger } from '@signalbox/platform';

/** Ms between two tellings of the same report, for gateways that have just come. */
const AGAIN_MS = 2_000;

/** Tells the gateways the last report of each dataplane, and how old it is: at once, and again and again. */
@Injectable()
export class ReportAnnouncer implements OnModuleDestroy {
  private readonly last = new Map<string, { report: DataplaneReport; at: number }>();
  private cancel: (() => void) | undefined;

  constructor(
    private readonly amqp: Amqp,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  announce(report: DataplaneReport): void {
    this.last.set(report.dataplane, { report, at: this.clock.monotonic() });
    this.tell(report.dataplane);
    this.cancel ??= this.clock.schedule(AGAIN_MS, () => this.again());
  }

  /** Ms since each dataplane was heard; those that were not heard since the start are not in it. */
  silences(): Map<string, number> {
    const now = this.clock.monotonic();
    return new Map([...this.last].map(([name, { at }]) => [name, now - at]));
  }

  onModuleDestroy(): void {
    this.cancel?.();
  }

  private again(): void {
    this.cancel = this.clock.schedule(AGAIN_MS, () => this.again());
    for (const name of this.last.keys()) this.tell(name);
  }

  private tell(name: string): void {
    const known = this.last.get(name);
    if (!known) return;
    const body: StreamReport = {
      stream: streams.dataplane,
      report: known.report,
      age_ms: Math.round(this.clock.monotonic() - known.at),
    };
    // The next one makes up for it.
    this.amqp.publisher
      .publish({ exchange: exchanges.state.name, routingKey: streams.dataplane, type: messageTypes.report, body })
      .catch((error: unknown) => {
        this.logger.debug({ err: error, dataplane: name }, 'a report was not passed on');
      });
  }
}
