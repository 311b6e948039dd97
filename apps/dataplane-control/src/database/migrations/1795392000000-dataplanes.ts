import { createInboxTable, dropInboxTable } from '@signalbox/persistence';
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Dataplanes1795392000000 implements MigrationInterface {
  readonly name = 'Dataplanes1795392000000';

  async up(runner: QueryRunner): Promise<void> {
    await createInboxTable(runner);
    await runner.query(`CREATE TABLE dataplane (
      name text PRIMARY KEY,
      entry json NOT NULL
    )`);
    await runner.query(`CREATE TABLE life (
      dataplane text NOT NULL REFERENCES dataplane (name) ON DELETE CASCADE,
      boot_id text NOT NULL,
      first_heard_at timestamptz NOT NULL DEFAULT now(),
      PRIMARY KEY (dataplane, boot_id)
    )`);
    await this.createTasks(runner, 'restart');
    await runner.query(`CREATE TABLE idempotency (
      key text PRIMARY KEY,
      restart text NOT NULL REFERENCES restart (id) ON DELETE CASCADE,
      request json NOT NULL,
      created_at timestamptz NOT NULL DEFAULT now()
    )`);
    await this.createTasks(runner, 'operation');
    await runner.query(`CREATE TABLE audit (
      number bigserial PRIMARY KEY,
      at timestamptz NOT NULL,
      action text NOT NULL,
      resource text NOT NULL,
      key_id text,
      address text NOT NULL,
      request_id text NOT NULL,
      result text NOT NULL,
      detail json NOT NULL,
      UNIQUE (request_id, action)
    )`);
    // What is written there stays as it was written, whatever the service is made to do.
    await runner.query(`CREATE FUNCTION audit_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN RAISE EXCEPTION 'the audit log is only added to'; END $$`);
    await runner.query(
      'CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit FOR EACH STATEMENT EXECUTE FUNCTION audit_is_append_only()',
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of ['audit', 'operation', 'idempotency', 'restart', 'life', 'dataplane'])
      await runner.query(`DROP TABLE ${table}`);
    await runner.query('DROP FUNCTION audit_is_append_only');
    await dropInboxTable(runner);
  }

  /** `entry` is what the stream says of it; the other columns are what it is looked for by. */
  private async createTasks(runner: QueryRunner, table: string): Promise<void> {
    await runner.query(`CREATE TABLE ${table} (
      id text PRIMARY KEY,
      number bigserial,
      dataplane text NOT NULL,
      state text NOT NULL,
      entry json NOT NULL,
      in_stream boolean NOT NULL DEFAULT true,
      created_at timestamptz NOT NULL DEFAULT now()
    )`);
    await runner.query(`CREATE INDEX ${table}_in_stream ON ${table} (number) WHERE in_stream`);
    await runner.query(`CREATE INDEX ${table}_dataplane ON ${table} (dataplane, state)`);
  }
}
