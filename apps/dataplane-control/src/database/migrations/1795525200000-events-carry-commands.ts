import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Events carry their command: nothing waits for its copy any more, and the audit log is not searched for it. */
export class EventsCarryCommands1795525200000 implements MigrationInterface {
  readonly name = 'EventsCarryCommands1795525200000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE early_event');
    await runner.query('DROP INDEX audit_unknown');
    await runner.query('ALTER TABLE life RENAME TO incarnation');
    await runner.query('ALTER TABLE incarnation RENAME COLUMN first_heard_at TO first_received_at');
    for (const table of ['restart', 'operation']) {
      // False: only events name it so far; the copy of its command has not arrived.
      await runner.query(`ALTER TABLE ${table} ADD COLUMN confirmed boolean NOT NULL DEFAULT true`);
      await runner.query(`CREATE INDEX ${table}_unconfirmed ON ${table} (dataplane) WHERE NOT confirmed`);
    }
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of ['restart', 'operation']) await runner.query(`ALTER TABLE ${table} DROP COLUMN confirmed`);
    await runner.query('ALTER TABLE incarnation RENAME COLUMN first_received_at TO first_heard_at');
    await runner.query('ALTER TABLE incarnation RENAME TO life');
    await runner.query(
      `CREATE INDEX audit_unknown ON audit ((coalesce(detail->>'restart_id', detail->>'operation_id'))) WHERE result = 'unknown'`,
    );
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
  }
}
