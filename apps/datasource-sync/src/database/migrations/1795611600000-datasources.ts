import { createInboxTable, dropInboxTable } from '@signalbox/persistence';
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Datasources1795611600000 implements MigrationInterface {
  readonly name = 'Datasources1795611600000';

  async up(runner: QueryRunner): Promise<void> {
    await createInboxTable(runner);
    // Rows are updated for each report of a worker: the space lets an update stay on its page, without a change of the indexes.
    await runner.query(`CREATE TABLE datasource (
      id text PRIMARY KEY,
      account text NOT NULL,
      mode text NOT NULL,
      connection text NOT NULL,
      identity text NOT NULL,
      settings json NOT NULL,
      sealed text NOT NULL,
      metadata json NOT NULL,
      version integer NOT NULL,
      assignment_version integer NOT NULL,
      generation integer NOT NULL,
      paused_at timestamptz,
      is_deleting boolean NOT NULL,
      created_at timestamptz NOT NULL,
      status text NOT NULL,
      was_active boolean NOT NULL,
      refusals integer NOT NULL,
      refused_since timestamptz,
      retry_count integer NOT NULL,
      last_error json,
      checking boolean NOT NULL,
      check_due_at timestamptz,
      checked_at timestamptz,
      check_failures integer NOT NULL,
      findings json NOT NULL,
      follower json,
      progress json,
      position json,
      holder text,
      fence integer NOT NULL,
      is_changed boolean NOT NULL
    ) WITH (fillfactor = 50)`);
    await runner.query(
      'CREATE UNIQUE INDEX datasource_identity ON datasource (account, mode, connection, identity) WHERE NOT is_deleting',
    );
    await runner.query('CREATE INDEX datasource_holder ON datasource (holder)');
    await runner.query('CREATE INDEX datasource_changed ON datasource (holder) WHERE is_changed');
    await runner.query(`CREATE TABLE attempt (
      id bigserial PRIMARY KEY,
      datasource text NOT NULL REFERENCES datasource (id) ON DELETE CASCADE,
      at timestamptz NOT NULL,
      kind text NOT NULL,
      outcome text NOT NULL,
      duration_ms bigint NOT NULL,
      published bigint NOT NULL,
      error json
    )`);
    await runner.query('CREATE INDEX attempt_datasource ON attempt (datasource, id)');
    await runner.query('CREATE INDEX attempt_at ON attempt (at)');
    await runner.query('CREATE TABLE sync_process (id text PRIMARY KEY, expires_at timestamptz NOT NULL)');
    await runner.query(`CREATE TABLE service (
      id integer PRIMARY KEY CHECK (id = 1),
      public_key text NOT NULL
    )`);
    await runner.query(`CREATE TABLE audit (
      number bigserial PRIMARY KEY,
      at timestamptz NOT NULL DEFAULT now(),
      key_id text,
      request_id text NOT NULL,
      action text NOT NULL,
      resource text NOT NULL
    )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of ['audit', 'service', 'sync_process', 'attempt', 'datasource'])
      await runner.query(`DROP TABLE ${table}`);
    await dropInboxTable(runner);
  }
}
