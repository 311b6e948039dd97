import { Inject, Injectable, type BeforeApplicationShutdown } from '@nestjs/common';
import type { AuditCommand } from '@signalbox/contracts/messages';
import { gatewayStream } from '@signalbox/contracts/streams';
import { recordAudit } from '@signalbox/nest-service';
import { Database } from '@signalbox/persistence';
import { CLOCK, LOGGER, settlesWithin, type Clock, type Logger } from '@signalbox/platform';

const AGAIN_MS = 1_000;
const MOST_WAITING = 10_000;
/** Of one transaction. Changes wait for it, since their entries are numbered in the same channel. */
const MOST_AT_ONCE = 100;
/** How long a stop waits for the database. */
const LAST_FLUSH_MS = 2_000;

/**
 * Records what changed no table of this service: refusals, logins, control actions that failed, tests of connections. They go into the
 * outbox, so that nothing is lost while the broker or the journal is down, and wait in memory while the database is. Changes are
 * committed with their entry: see `recordAudit`.
 */
@Injectable()
export class AuditTrail implements BeforeApplicationShutdown {
  private waiting: AuditCommand[] = [];
  private isStoring = false;
  private isStopping = false;
  private flushing: Promise<void> | undefined;
  private cancel: (() => void) | undefined;

  constructor(
    @Inject(Database) private readonly database: Pick<Database, 'streamTransaction'>,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  add(entry: AuditCommand): void {
    if (this.waiting.length >= MOST_WAITING)
      this.logger.error(
        { entry },
        'more entries than can be kept here wait for the audit trail; this one is only in this log',
      );
    else this.waiting.push(entry);
    void this.flush();
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.isStopping = true;
    this.cancel?.();
    await settlesWithin({ clock: this.clock, ms: LAST_FLUSH_MS }, this.flush());
    for (const entry of this.waiting) this.logger.error({ entry }, 'an entry did not reach the audit trail');
  }

  /** Resolves when nothing waits any more, or entries could not be stored. */
  private flush(): Promise<void> | undefined {
    if (!this.isStoring) this.flushing = this.store();
    return this.flushing;
  }

  private async store(): Promise<void> {
    this.isStoring = true;
    try {
      while (this.waiting.length > 0) {
        const entries = this.waiting.slice(0, MOST_AT_ONCE);
        // Where it is not known whether they were committed they are stored again: the journal knows an entry by its request and action.
        await this.database.streamTransaction(gatewayStream.name, async (transaction) => {
          for (const entry of entries) recordAudit(transaction, entry);
        });
        this.waiting.splice(0, entries.length);
      }
    } catch {
      this.cancel?.();
      if (!this.isStopping) this.cancel = this.clock.schedule(AGAIN_MS, () => void this.flush(), { background: true });
    } finally {
      this.isStoring = false;
    }
  }
}
