import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The audit log becomes the audit trail of all services: more of the caller, filters, and a bound by age. */
export class AuditOfAllServices1795784400000 implements MigrationInterface {
  readonly name = 'AuditOfAllServices1795784400000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE audit
      ADD COLUMN name text, ADD COLUMN via text, ADD COLUMN token_id text, ADD COLUMN role text, ADD COLUMN account text,
      ADD COLUMN recorded_at timestamptz NOT NULL DEFAULT now()`);
    await runner.query('CREATE INDEX audit_key_id ON audit (key_id, number)');
    await runner.query('CREATE INDEX audit_name ON audit (name, number)');
    await runner.query('CREATE INDEX audit_action ON audit (action, number)');
    await runner.query('CREATE INDEX audit_resource ON audit (resource text_pattern_ops, number)');
    await runner.query('CREATE INDEX audit_at ON audit (at)');
    await runner.query('DROP TRIGGER append_only ON audit');
    await runner.query(
      'CREATE TRIGGER append_only BEFORE UPDATE OR TRUNCATE ON audit FOR EACH STATEMENT EXECUTE FUNCTION audit_is_append_only()',
    );
    // By the database's clock: the times of entries come from others.
    await runner.query(`CREATE TRIGGER kept_for_30_days BEFORE DELETE ON audit FOR EACH ROW
      WHEN (OLD.recorded_at > now() - interval '30 days') EXECUTE FUNCTION audit_is_append_only()`);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const trigger of ['append_only', 'kept_for_30_days']) await runner.query(`DROP TRIGGER ${trigger} ON audit`);
    await runner.query(
      'CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit FOR EACH STATEMENT EXECUTE FUNCTION audit_is_append_only()',
    );
    for (const index of ['key_id', 'name', 'action', 'resource', 'at']) await runner.query(`DROP INDEX audit_${index}`);
    for (const column of ['name', 'via', 'token_id', 'role', 'account', 'recorded_at'])
      await runner.query(`ALTER TABLE audit DROP COLUMN ${column}`);
  }
}
