import { Inject, Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { Database } from '@signalbox/persistence';
import { CLOCK, describeError, every, LOGGER, type Clock, type Logger } from '@signalbox/platform';
import { dropSlotStatement } from '../datasources/left-behind.rules.js';
import { Leases } from '../leases/leases.js';
import { removeDeleted } from './remove-deleted.js';

const LOOK_EVERY_MS = 60 * 60 * 1_000;

/** A database that could not be reached for so long does not exist any more, or its owner has dropped the slot. */
const ABANDONED = `
  SELECT id, fence, settings ->> 'slot' AS slot FROM datasource
  WHERE is_deleting AND connection = 'direct' AND deleted_at < now() - interval '7 days'`;

interface Abandoned {
  readonly id: string;
  readonly fence: number;
  readonly slot: string;
}

/** Ends the attempts to drop the slot of a deleted database after seven days, so that its row does not stay for ever. */
@Injectable()
export class AbandonedReleases implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private stop = (): void => undefined;

  constructor(
    private readonly database: Database,
    private readonly leases: Leases,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  onApplicationBootstrap(): void {
    this.stop = every({ clock: this.clock, ms: LOOK_EVERY_MS, background: true }, () => this.giveUp());
  }

  beforeApplicationShutdown(): void {
    this.stop();
  }

  /** Those that this process holds. Never rejects: a failure is left to the next run. */
  async giveUp(): Promise<void> {
    try {
      const abandoned = await this.database.dataSource.query<Abandoned[]>(ABANDONED);
      for (const { id, fence, slot } of abandoned) {
        if (!this.leases.isHeld(id, fence)) continue;
        await removeDeleted({ id, fence }, this.database, this.leases);
        this.logger.warn(
          { datasource: id, left: dropSlotStatement(slot) },
          'gave up dropping the slot of a deleted datasource, run the statement at its database if that still exists',
        );
      }
    } catch (error) {
      this.logger.warn({ reason: describeError(error) }, 'deleted datasources not removed, retrying');
    }
  }
}
