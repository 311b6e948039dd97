import { Inject, Injectable } from '@nestjs/common';
import { Database } from '@signalbox/persistence';
import { describeError, LOGGER, type Logger } from '@signalbox/platform';
import type { HeldRow } from '../leases/lease.repository.js';
import { Leases } from '../leases/leases.js';
import { SourceVault } from '../sources/source-vault.js';

/** A change of the credentials meanwhile was sealed with the current key already. */
const RESEAL = 'UPDATE datasource SET sealed = $3 WHERE id = $1 AND sealed = $2';

/** Seals credentials with the current key that were sealed with an earlier one, so that this can be removed from the configuration. */
@Injectable()
export class Resealing {
  private last: Promise<void> = Promise.resolve();

  constructor(
    leases: Leases,
    private readonly database: Database,
    private readonly vault: SourceVault,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {
    leases.onRow((row, assignment) => {
      // One after the other: nothing is in a hurry, and other work needs the database too.
      if (assignment !== undefined && !vault.isCurrent(row)) this.last = this.last.then(() => this.reseal(row));
    });
  }

  private async reseal(row: HeldRow): Promise<void> {
    try {
      await this.database.dataSource.query(RESEAL, [row.id, row.sealed, this.vault.resealed(row)]);
    } catch (error) {
      // The next process that takes it tries again.
      this.logger.warn(
        { datasource: row.id, reason: describeError(error) },
        'credentials not sealed with the current key',
      );
    }
  }
}
