import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { CLOCK, CONFIG, describeError, every, LOGGER, type Clock, type Logger } from '@signalbox/platform';
import type { Config } from '../config.js';
import { AuditRepository } from './audit.repository.js';

const CHECK_INTERVAL_MS = 3_600_000;
const MOST_AT_ONCE = 10_000;

/** Deletes entries of the audit trail that are older than the retention, each hour all of them: more may come in an hour than one statement deletes. */
@Injectable()
export class AuditRetention implements OnApplicationBootstrap, OnModuleDestroy {
  private cancel: (() => void) | undefined;
  private isStopping = false;

  constructor(
    private readonly audit: AuditRepository,
    @Inject(CONFIG) private readonly config: Config,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  onApplicationBootstrap(): void {
    this.cancel = every({ clock: this.clock, ms: CHECK_INTERVAL_MS, background: true }, () => this.check());
  }

  onModuleDestroy(): void {
    this.isStopping = true;
    this.cancel?.();
  }

  /** A failure is left to the next check. */
  async check(): Promise<void> {
    const days = this.config.SIGNALBOX_AUDIT_RETENTION_DAYS;
    let deleted = 0;
    try {
      for (let last = MOST_AT_ONCE; last === MOST_AT_ONCE && !this.isStopping; deleted += last)
        last = await this.audit.deleteOlderThan(days, MOST_AT_ONCE);
    } catch (error) {
      this.logger.debug({ reason: describeError(error) }, 'entries of the audit trail not deleted');
    }
    if (deleted > 0) this.logger.info({ deleted, older_than_days: days }, 'entries of the audit trail deleted');
  }
}
