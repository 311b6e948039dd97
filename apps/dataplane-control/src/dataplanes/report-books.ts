import { Inject, Injectable } from '@nestjs/common';
import type { DataplaneReport } from '@signalbox/contracts/messages';
import { CLOCK, LOGGER, type Clock, type Logger } from '@signalbox/platform';
import { FollowRestarts } from '../restarts/follow-restarts.js';
import { DataplaneQueues } from './dataplane-queues.js';
import { KnownDataplanes } from './known-dataplanes.js';

/**
 * Writes down what follows from reports: that a dataplane is there, that it has a new life, that a restart has come to its end. Nobody
 * waits for it, so a database that is away holds up no report; what could not be written follows from the next report as well.
 */
@Injectable()
export class ReportBooks {
  /** The latest of each dataplane that is still to be looked at. */
  private readonly waiting = new Map<string, DataplaneReport>();
  private readonly writing = new Set<string>();
  private hasFailed = false;

  constructor(
    private readonly known: KnownDataplanes,
    private readonly queues: DataplaneQueues,
    private readonly restarts: FollowRestarts,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** The queues of all that are known, also on a broker that has forgotten them: what is sent there must not go nowhere. */
  prepare(): void {
    for (const name of this.known.names) {
      this.queues
        .ensure(name)
        .catch((error: unknown) =>
          this.logger.warn(
            { err: error, dataplane: name },
            'the queues of a dataplane are not declared yet; its next report sees to it',
          ),
        );
    }
  }

  note(report: DataplaneReport): void {
    this.waiting.set(report.dataplane, report);
    if (!this.writing.has(report.dataplane)) void this.write(report.dataplane);
  }

  private async write(dataplane: string): Promise<void> {
    this.writing.add(dataplane);
    for (let report = this.take(dataplane); report; report = this.take(dataplane)) {
      try {
        await this.record(report);
        this.hasFailed = false;
      } catch (error) {
        if (!this.hasFailed)
          this.logger.warn(
            { err: error, dataplane },
            'reports are passed on, but what follows from them cannot be written down',
          );
        this.hasFailed = true;
      }
    }
    this.writing.delete(dataplane);
  }

  private take(dataplane: string): DataplaneReport | undefined {
    const report = this.waiting.get(dataplane);
    this.waiting.delete(dataplane);
    return report;
  }

  private async record(report: DataplaneReport): Promise<void> {
    const { dataplane, boot_id, pid, engine, state } = report;
    await (state === 'starting' ? this.queues.restore(dataplane) : this.queues.ensure(dataplane));
    const judgement = this.known.judge(report);
    if (judgement === 'old-life') return;
    if (judgement === 'first-life' || judgement === 'new-life') {
      if (!(await this.known.begin(report, this.clock.now()))) return;
      this.logger.info({ dataplane, boot_id, pid, engine }, 'a dataplane has come up');
    }
    await this.restarts.onLife(dataplane, { boot_id, isHealthy: state === 'running' });
  }
}
