import type { MigrationInterface, QueryRunner } from 'typeorm';

export class EarlyEvents1795478400000 implements MigrationInterface {
  readonly name = 'EarlyEvents1795478400000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`CREATE TABLE early_event (
      number bigserial PRIMARY KEY,
      dataplane text NOT NULL REFERENCES dataplane (name) ON DELETE CASCADE,
      subject text NOT NULL,
      event json NOT NULL,
      at timestamptz NOT NULL DEFAULT now()
    )`);
    await runner.query('CREATE INDEX early_event_subject ON early_event (subject)');
    await runner.query('CREATE INDEX early_event_dataplane ON early_event (dataplane, number)');
    await runner.query('CREATE INDEX early_event_at ON early_event (at)');
    await runner.query(
      `CREATE INDEX audit_unknown ON audit ((coalesce(detail->>'restart_id', detail->>'operation_id'))) WHERE result = 'unknown'`,
    );
    // Numbers are given one after the other from now on, so that a hole would be seen.
    await runner.query('ALTER TABLE audit ALTER COLUMN number DROP DEFAULT');
    await runner.query('DROP SEQUENCE audit_number_seq');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('CREATE SEQUENCE audit_number_seq OWNED BY audit.number');
    await runner.query(`SELECT setval('audit_number_seq', (SELECT coalesce(max(number), 0) + 1 FROM audit), false)`);
    await runner.query(`ALTER TABLE audit ALTER COLUMN number SET DEFAULT nextval('audit_number_seq')`);
    await runner.query('DROP INDEX audit_unknown');
    await runner.query('DROP TABLE early_event');
  }
}
