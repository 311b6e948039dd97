import { Inject, Injectable } from '@nestjs/common';
import type { DatasourceReply } from '@signalbox/contracts/messages';
import { Database } from '@signalbox/persistence';
import { CLOCK, wait, type Clock } from '@signalbox/platform';
import { DatasourceChanges, type Change } from './datasource-changes.js';
import { leftBehind } from './left-behind.rules.js';

/** How long a caller waits for the slot to be dropped. */
const PATIENCE_MS = 4_000;
const LOOK_EVERY_MS = 100;

/** Removes a datasource from what is shown. The process that works on it ends that, drops the slot of a database, and removes the row. */
@Injectable()
export class DeleteDatasourceCommand {
  constructor(
    private readonly changes: DatasourceChanges,
    private readonly database: Database,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** @throws RequestRefused: mode_refused, not_found */
  async execute(change: Change): Promise<DatasourceReply> {
    let mayHaveSlot = true;
    const reply = await this.changes.update(change, ({ row, now }) => {
      mayHaveSlot = row.was_active;
      const assignment_version = row.assignment_version + 1;
      const deleted = { is_deleting: true, deleted_at: now, check_due_at: null, checking: false };
      return { ...row, ...deleted, assignment_version, is_changed: true };
    });
    const { direct, id } = reply.datasource;
    if (direct === null) return { ...reply, left_behind: null };
    return { ...reply, left_behind: leftBehind(direct, { isReleased: !mayHaveSlot || (await this.isReleased(id)) }) };
  }

  private async isReleased(id: string): Promise<boolean> {
    const until = this.clock.monotonic() + PATIENCE_MS;
    for (;;) {
      const rows = await this.database.dataSource.query<unknown[]>('SELECT 1 FROM datasource WHERE id = $1', [id]);
      if (rows.length === 0) return true;
      if (this.clock.monotonic() >= until) return false;
      await wait({ clock: this.clock, ms: LOOK_EVERY_MS });
    }
  }
}
