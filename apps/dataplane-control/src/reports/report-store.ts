import { Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import type { DataplaneReport } from '@signalbox/contracts/messages';
import { LOGGER, type Logger } from '@signalbox/platform';
import { DataplaneQueues } from '../dataplanes/dataplane-queues.js';
import { RestartLog } from '../restarts/restart-log.js';
import { KnownDataplanes } from './known-dataplanes.js';

/**
 * Stores what follows from accepted reports: a dataplane, its next incarnation, the end of a restart. It works beside the announcements,
 * so that no report waits for the database. What could not be stored follows from the next report as well.
 */
@Injectable()
export class ReportStore implements OnApplicationBootstrap {
  /** The latest report of each dataplane that is not stored yet. */
  private readonly waiting = new Map<string, DataplaneReport>();
  private readonly storing = new Set<string>();
  private hasFailed = false;

  constructor(
    private readonly known: KnownDataplanes,
    private readonly queues: DataplaneQueues,
    private readonly restarts: RestartLog,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** Declares the queues of all stored dataplanes: a broker that lost its data would drop what is sent to them. */
  onApplicationBootstrap(): void {
    for (const dataplane of this.known.storedNames) {
      this.queues
        .ensure(dataplane)
        .catch((error: unknown) =>
          this.logger.warn({ err: error, dataplane }, 'queues of a dataplane not declared; its next report does it'),
        );
    }
  }

  add(report: DataplaneReport): void {
    this.waiting.set(report.dataplane, report);
    if (!this.storing.has(report.dataplane)) void this.storeAll(report.dataplane);
  }

  private async storeAll(dataplane: string): Promise<void> {
    this.storing.add(dataplane);
    for (let report = this.take(dataplane); report; report = this.take(dataplane)) {
      try {
        await this.store(report);
        this.hasFailed = false;
      } catch (error) {
        if (!this.hasFailed) this.logger.warn({ err: error, dataplane }, 'reports are announced, but not stored');
        this.hasFailed = true;
      }
    }
    this.storing.delete(dataplane);
  }

  private take(dataplane: string): DataplaneReport | undefined {
    const report = this.waiting.get(dataplane);
    this.waiting.delete(dataplane);
    return report;
  }

  private async store(report: DataplaneReport): Promise<void> {
    const { dataplane, boot_id, pid, engine, state } = report;
    await (state === 'starting' ? this.queues.restore(dataplane) : this.queues.ensure(dataplane));
    if (!this.known.isStored(report)) {
      if (!(await this.known.store(report))) return;
      this.logger.info({ dataplane, boot_id, pid, engine }, 'dataplane is up');
    }
    await this.restarts.incarnationReported(dataplane, { boot_id, isHealthy: state === 'running' });
  }
}
