import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { Database } from '@signalbox/persistence';
import { CLOCK, every, LOGGER, type Clock, type Logger } from '@signalbox/platform';
import { DataplaneQueues } from '../dataplanes/dataplane-queues.js';
import { DataplaneRepository } from '../dataplanes/dataplane.repository.js';
import { KnownDataplanes } from './known-dataplanes.js';
import { OverdueReports } from './overdue-reports.js';
import { ReportAnnouncer } from './report-announcer.js';

/** Ms between two looks for dataplanes that another process has removed. */
const LOOK_INTERVAL_MS = 5_000;

/** Has this process forget dataplanes that were removed: by itself at once, by another process within seconds. */
@Injectable()
export class RemovedDataplanes implements OnApplicationBootstrap, OnModuleDestroy {
  private cancel: (() => void) | undefined;

  constructor(
    private readonly database: Database,
    private readonly dataplanes: DataplaneRepository,
    private readonly queues: DataplaneQueues,
    private readonly known: KnownDataplanes,
    private readonly overdue: OverdueReports,
    private readonly announcer: ReportAnnouncer,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  onApplicationBootstrap(): void {
    this.cancel = every({ clock: this.clock, ms: LOOK_INTERVAL_MS, background: true }, () => this.look());
  }

  onModuleDestroy(): void {
    this.cancel?.();
  }

  forget(dataplane: string): void {
    this.known.forget(dataplane);
    this.announcer.forget(dataplane);
    this.overdue.received(dataplane);
    this.queues.forget(dataplane);
  }

  private async look(): Promise<void> {
    // What is stored while the query runs is not missing.
    const before = this.known.storedNames;
    try {
      const stored = new Set(await this.dataplanes.names(this.database.dataSource.manager));
      for (const name of before) if (!stored.has(name)) this.forget(name);
    } catch (error) {
      this.logger.debug({ err: error }, 'removed dataplanes not looked for');
    }
  }
}
