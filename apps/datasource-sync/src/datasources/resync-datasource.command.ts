import { Injectable } from '@nestjs/common';
import type { DatasourceReply } from '@signalbox/contracts/messages';
import { DatasourceChanges, type Change } from './datasource-changes.js';

/** Lets everything be read again: a database from a new snapshot, an endpoint from the beginning. */
@Injectable()
export class ResyncDatasourceCommand {
  constructor(private readonly changes: DatasourceChanges) {}

  /** @throws RequestRefused: mode_refused, not_found */
  execute(change: Change): Promise<DatasourceReply> {
    return this.changes.update(change, async ({ row, transaction }) => {
      await transaction.forgetPosition(row);
      return {
        ...row,
        version: row.version + 1,
        assignment_version: row.assignment_version + 1,
        generation: row.generation + 1,
        follower: null,
        progress: null,
        is_changed: true,
      };
    });
  }
}
