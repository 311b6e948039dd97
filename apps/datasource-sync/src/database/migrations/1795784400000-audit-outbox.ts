import { moveAuditToOutbox, restoreAuditTable } from '@signalbox/nest-service/audit-table';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Entries go to the keeper of the audit trail. */
export class AuditOutbox1795784400000 implements MigrationInterface {
  readonly name = 'AuditOutbox1795784400000';

  async up(runner: QueryRunner): Promise<void> {
    await moveAuditToOutbox(
      runner,
      `CASE action WHEN 'rotate-key' THEN 'rotate-datasource-key' ELSE action || '-datasource' END`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await restoreAuditTable(runner);
  }
}
