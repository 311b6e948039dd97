import { Injectable } from '@nestjs/common';
import { patchDatasourceBody } from '@signalbox/contracts/http';
import type { DatasourceReply } from '@signalbox/contracts/messages';
import { SealedBody } from '@signalbox/nest-service';
import { checkBody } from '../requests/check-body.js';
import { DatasourceChanges, type Change } from './datasource-changes.js';

/** Replaces the metadata as a whole, and pauses or resumes. */
@Injectable()
export class PatchDatasourceCommand {
  constructor(
    private readonly changes: DatasourceChanges,
    private readonly bodies: SealedBody,
  ) {}

  /** @throws RequestRefused: bad_request, invalid_value, mode_refused, not_found, unavailable */
  execute(change: Change): Promise<DatasourceReply> {
    const { metadata, paused } = checkBody(patchDatasourceBody, this.bodies.of(change.request, change.context));
    return this.changes.update(change, ({ row, now }) => {
      const next = { ...row, ...(metadata !== undefined && { metadata }), version: row.version + 1 };
      if (paused === undefined || paused === (row.paused_at !== null)) return metadata === undefined ? row : next;
      const assigned = { ...next, assignment_version: row.assignment_version + 1, is_changed: true };
      if (paused) return { ...assigned, paused_at: now };
      // One that was not active when it was paused was not checked meanwhile.
      return { ...assigned, paused_at: null, check_due_at: row.status === 'active' ? row.check_due_at : now };
    });
  }
}
