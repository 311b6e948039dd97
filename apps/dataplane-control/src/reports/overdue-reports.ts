import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { commandKey, dataplaneCommandTypes, exchanges, REPORT_INTERVAL_MS } from '@signalbox/contracts/messages';
import { Amqp } from '@signalbox/messaging';
import { CLOCK, every, LOGGER, type Clock, type Logger } from '@signalbox/platform';
import { KnownDataplanes } from './known-dataplanes.js';
import { ReportAnnouncer } from './report-announcer.js';

/** Silence after which a report is requested. */
const OVERDUE_MS = 1.5 * REPORT_INTERVAL_MS;

/** Requests a report of each dataplane whose own one is overdue. */
@Injectable()
export class OverdueReports implements OnApplicationBootstrap, OnModuleDestroy {
  private cancel: (() => void) | undefined;
  /** A request waits in the queue of a dataplane that is down; a second one would add nothing. */
  private readonly requested = new Set<string>();

  constructor(
    private readonly amqp: Amqp,
    private readonly known: KnownDataplanes,
    private readonly announcer: ReportAnnouncer,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  onApplicationBootstrap(): void {
    const { clock } = this;
    this.cancel = every({ clock, ms: OVERDUE_MS, background: true }, () => this.requestOverdue());
  }

  onModuleDestroy(): void {
    this.cancel?.();
  }

  received(dataplane: string): void {
    this.requested.delete(dataplane);
  }

  private requestOverdue(): void {
    for (const name of this.known.storedNames) {
      if (this.requested.has(name) || this.announcer.silenceOf(name) <= OVERDUE_MS) continue;
      this.requested.add(name);
      this.request(name);
    }
  }

  private request(dataplane: string): void {
    const message = {
      exchange: exchanges.commands.name,
      routingKey: commandKey(dataplane, 'health'),
      type: dataplaneCommandTypes.healthRequest,
      body: { dataplane },
    };
    this.amqp.publisher.publish(message).catch((error: unknown) => {
      this.requested.delete(dataplane);
      this.logger.debug({ err: error, dataplane }, 'health request not sent');
    });
  }
}
