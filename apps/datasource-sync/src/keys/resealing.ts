import { Inject, Injectable } from '@nestjs/common';
import { Database } from '@signalbox/persistence';
import { describeError, LOGGER, type Logger } from '@signalbox/platform';
import { SourceVault, type Sealable } from '../sources/source-vault.js';
import type { DatasourceRow } from '../store/datasource.row.js';

type Sealed = Sealable & Pick<DatasourceRow, 'sealed'>;

const ROWS_AT_ONCE = 500;
const READ = `
  SELECT id, connection, settings, sealed FROM datasource
  WHERE id > $1 AND NOT starts_with(sealed, $2) ORDER BY id LIMIT ${ROWS_AT_ONCE}`;
/** A change of the credentials meanwhile was sealed with the current key already. */
const RESEAL = 'UPDATE datasource SET sealed = $3 WHERE id = $1 AND sealed = $2';

/** Seals credentials with the current key that were sealed with an earlier one, so that this can be removed from the configuration. */
@Injectable()
export class Resealing {
  constructor(
    private readonly database: Database,
    private readonly vault: SourceVault,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** One after the other: nothing is in a hurry, and other work needs the database too. What cannot be opened stays as it is. */
  async execute(): Promise<void> {
    let last = '';
    for (;;) {
      const rows = await this.database.dataSource.query<Sealed[]>(READ, [last, this.vault.currentBegin]);
      for (const row of rows) await this.reseal(row);
      if (rows.length < ROWS_AT_ONCE) return;
      last = rows.at(-1)!.id;
    }
  }

  private async reseal(row: Sealed): Promise<void> {
    let resealed: string;
    try {
      resealed = this.vault.resealed(row);
    } catch (error) {
      this.logger.warn(
        { datasource: row.id, reason: describeError(error) },
        'credentials not sealed with the current key',
      );
      return;
    }
    await this.database.dataSource.query(RESEAL, [row.id, row.sealed, resealed]);
  }
}
