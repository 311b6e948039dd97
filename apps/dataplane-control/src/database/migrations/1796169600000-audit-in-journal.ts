import { AUDIT_CHANNEL } from '@signalbox/contracts/messages';
import { createChannel, dropChannel, grantTo } from '@signalbox/persistence';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The owner of all schemas: what runs as it needs no right to read. */
const OWNER = 'signalbox_owner';

/** The journal keeps the audit trail from now on, and takes over the entries that are here: see its migration `TakeOverAudit`. */
export class AuditInJournal1796169600000 implements MigrationInterface {
  readonly name = 'AuditInJournal1796169600000';

  async up(runner: QueryRunner): Promise<void> {
    await createChannel(runner, AUDIT_CHANNEL);
    const [first] = (await runner.query('SELECT FROM audit LIMIT 1')) as unknown[];
    if (first === undefined) {
      await runner.query('DROP TABLE audit');
      await runner.query('DROP FUNCTION audit_is_append_only');
      return;
    }
    await runner.query('ALTER TABLE audit RENAME TO former_audit');
    const [{ user }] = (await runner.query('SELECT current_user AS "user"')) as [{ user: string }];
    if (user === OWNER) return;
    // Where each service migrates itself, as a role of its own.
    await grantTo(runner, { role: 'journal', rights: ['USAGE ON SCHEMA dataplane_control', 'SELECT ON former_audit'] });
  }

  async down(runner: QueryRunner): Promise<void> {
    await dropChannel(runner, AUDIT_CHANNEL);
    const [{ former }] = (await runner.query(`SELECT to_regclass('former_audit') AS former`)) as [
      { former: string | null },
    ];
    if (former !== null) await runner.query('ALTER TABLE former_audit RENAME TO audit');
    else throw new Error('the entries of the audit trail are in the journal: this migration cannot be undone');
  }
}
