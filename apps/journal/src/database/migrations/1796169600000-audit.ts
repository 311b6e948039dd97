import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The audit trail of all services. */
export class Audit1796169600000 implements MigrationInterface {
  readonly name = 'Audit1796169600000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`CREATE TABLE audit (
      number bigint PRIMARY KEY,
      at timestamptz NOT NULL,
      action text NOT NULL,
      resource text NOT NULL,
      key_id text,
      name text,
      via text,
      token_id text,
      role text,
      account text,
      address text NOT NULL,
      request_id text NOT NULL,
      result text NOT NULL,
      route text,
      detail json NOT NULL,
      recorded_at timestamptz NOT NULL DEFAULT now(),
      UNIQUE (request_id, action)
    )`);
    for (const column of ['key_id', 'name', 'action', 'result', 'route', 'address'])
      await runner.query(`CREATE INDEX audit_${column} ON audit (${column}, number)`);
    await runner.query('CREATE INDEX audit_resource ON audit (resource text_pattern_ops, number)');
    await runner.query('CREATE INDEX audit_at ON audit (at)');
    await runner.query('CREATE INDEX audit_recorded_at ON audit (recorded_at)');
    await this.refuseChanges(runner);
    await this.createRetention(runner);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP FUNCTION delete_old_audit');
    await runner.query('DROP TABLE audit');
    await runner.query('DROP FUNCTION audit_is_append_only');
  }

  /** Entries stay as they were written, whatever the service is made to do. */
  private async refuseChanges(runner: QueryRunner): Promise<void> {
    await runner.query(`CREATE FUNCTION audit_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN RAISE EXCEPTION 'the audit trail is only added to'; END $$`);
    await runner.query(
      'CREATE TRIGGER append_only BEFORE UPDATE OR TRUNCATE ON audit FOR EACH STATEMENT EXECUTE FUNCTION audit_is_append_only()',
    );
    // By the database's clock: the times of entries come from others.
    await runner.query(`CREATE TRIGGER kept_for_30_days BEFORE DELETE ON audit FOR EACH ROW
      WHEN (OLD.recorded_at > now() - interval '30 days') EXECUTE FUNCTION audit_is_append_only()`);
  }

  /**
   * The service may run this function, and has no right to delete by itself. The newest entry stays: the next number follows from it.
   * Entries are recorded in the order of their numbers, so that only the first ones are looked at. It runs with the rights of the owner of the table, so its search path is fixed.
   */
  private async createRetention(runner: QueryRunner): Promise<void> {
    await runner.query(`CREATE FUNCTION delete_old_audit(days int, most int) RETURNS int
      LANGUAGE sql SECURITY DEFINER SET search_path = ${await schemaOf(runner)}, pg_temp AS $$
        WITH oldest AS (SELECT number, recorded_at FROM audit ORDER BY number LIMIT most),
        deleted AS (
          DELETE FROM audit USING oldest
          WHERE audit.number = oldest.number AND oldest.recorded_at < now() - make_interval(days => greatest(days, 30))
            AND audit.number < (SELECT max(number) FROM audit)
          RETURNING 1
        )
        SELECT count(*)::int FROM deleted $$`);
    await runner.query('REVOKE ALL ON FUNCTION delete_old_audit FROM PUBLIC');
  }
}

/** A plain name: see `checkedName`. */
async function schemaOf(runner: QueryRunner): Promise<string> {
  const [row] = (await runner.query('SELECT current_schema() AS name')) as [{ name: string }];
  return row.name;
}
