import { Injectable } from '@nestjs/common';
import type { DatasourceReply } from '@signalbox/contracts/messages';
import { checkNow, DatasourceChanges, type Change } from './datasource-changes.js';

/** Checks a source now. The stream shows the outcome. */
@Injectable()
export class VerifyDatasourceCommand {
  constructor(private readonly changes: DatasourceChanges) {}

  /** @throws RequestRefused: mode_refused, not_found */
  execute(change: Change): Promise<DatasourceReply> {
    return this.changes.update(change, ({ row, now }) =>
      row.checking ? row : { ...row, version: row.version + 1, ...checkNow(now) },
    );
  }
}
