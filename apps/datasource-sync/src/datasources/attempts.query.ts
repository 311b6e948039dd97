import { Injectable } from '@nestjs/common';
import type { AttemptsReply, DatasourceAttempt, DatasourceRequest } from '@signalbox/contracts/messages';
import { Database } from '@signalbox/persistence';
import { refused } from '../requests/refusal.js';

/** Polls and checks of a datasource, the newest first. */
@Injectable()
export class AttemptsQuery {
  constructor(private readonly database: Database) {}

  /** @throws RequestRefused: not_found */
  async execute({ id = '', account }: DatasourceRequest): Promise<AttemptsReply> {
    const { manager } = this.database.dataSource;
    const own = await manager.query<unknown[]>(
      'SELECT 1 FROM datasource WHERE id = $1 AND account = $2 AND NOT is_deleting',
      [id, account],
    );
    if (own.length === 0) throw refused('not_found', 'There is no such datasource.');
    const attempts = await manager.query<DatasourceAttempt[]>(
      `SELECT id::float8, (extract(epoch FROM at) * 1000)::bigint::float8 AS at, kind, outcome, duration_ms::float8,
         published::float8, error
       FROM attempt WHERE datasource = $1 ORDER BY attempt.id DESC LIMIT 200`,
      [id],
    );
    return { attempts };
  }
}
