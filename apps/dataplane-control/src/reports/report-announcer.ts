import { Inject, Injectable, type OnModuleDestroy } from '@nestjs/common';
import { exchanges, messageTypes, type DataplaneReport } from '@signalbox/contracts/messages';
import { dataplaneStream, type StreamReport } from '@signalbox/contracts/streams';
import { Amqp } from '@signalbox/messaging';
import { CLOCK, every, LOGGER, type Clock, type Logger } from '@signalbox/platform';

/** Ms between two announcements of the same report, for gateways that have just started. */
const REPEAT_INTERVAL_MS = 2_000;

/** Publishes the last report of each dataplane, and its age, to the gateways: at once and then every two seconds. */
@Injectable()
export class ReportAnnouncer implements OnModuleDestroy {
  /** `at`: on the monotonic clock. */
  private readonly last = new Map<string, { report: DataplaneReport; at: number }>();
  private cancel: (() => void) | undefined;
  /** On the monotonic clock. */
  private readonly startedAt: number;

  constructor(
    private readonly amqp: Amqp,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {
    this.startedAt = clock.monotonic();
  }

  announce(report: DataplaneReport): void {
    this.last.set(report.dataplane, { report, at: this.clock.monotonic() });
    this.publish(report.dataplane);
    this.cancel ??= every({ clock: this.clock, ms: REPEAT_INTERVAL_MS }, () => {
      for (const name of this.last.keys()) this.publish(name);
    });
  }

  /** Ms since the last report of a dataplane, or since this process started where it has received none. */
  silenceOf(dataplane: string): number {
    return this.clock.monotonic() - (this.last.get(dataplane)?.at ?? this.startedAt);
  }

  /** In the last report of a dataplane; undefined: none since this process started. */
  stateOf(dataplane: string): DataplaneReport['state'] | undefined {
    return this.last.get(dataplane)?.report.state;
  }

  /** It was removed. */
  forget(dataplane: string): void {
    this.last.delete(dataplane);
  }

  onModuleDestroy(): void {
    this.cancel?.();
  }

  private publish(name: string): void {
    const known = this.last.get(name);
    if (!known) return;
    const body: StreamReport = {
      stream: dataplaneStream.name,
      report: known.report,
      age_ms: Math.round(this.clock.monotonic() - known.at),
    };
    // A lost announcement is replaced by the next one.
    this.amqp.publisher
      .publish({ exchange: exchanges.state.name, routingKey: dataplaneStream.name, type: messageTypes.report, body })
      .catch((error: unknown) => this.logger.debug({ err: error, dataplane: name }, 'report not announced'));
  }
}
