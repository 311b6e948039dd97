import { createInboxTable, dropInboxTable } from '@signalbox/persistence';
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Registry1795305600000 implements MigrationInterface {
  readonly name = 'Registry1795305600000';

  async up(runner: QueryRunner): Promise<void> {
    await createInboxTable(runner);
    // One sequence for all resources: what is made anew under an old name has another version.
    await runner.query('CREATE SEQUENCE version');
    await runner.query(`CREATE TABLE project (
      name text PRIMARY KEY,
      location text NOT NULL,
      readme text NOT NULL,
      version bigint NOT NULL
    )`);
    await runner.query(`CREATE TABLE connection (
      project text NOT NULL REFERENCES project (name) ON DELETE CASCADE,
      name text NOT NULL,
      type text NOT NULL,
      config json NOT NULL,
      sealed text,
      version bigint NOT NULL,
      PRIMARY KEY (project, name)
    )`);
    await runner.query(`CREATE TABLE package (
      project text NOT NULL REFERENCES project (name) ON DELETE CASCADE,
      name text NOT NULL,
      location text,
      description text,
      own_description text,
      readme text,
      is_loaded boolean NOT NULL,
      version bigint NOT NULL,
      PRIMARY KEY (project, name)
    )`);
    await runner.query(`CREATE TABLE load_error (
      key text PRIMARY KEY,
      project text,
      package text,
      connection text,
      message text NOT NULL,
      at timestamptz NOT NULL
    )`);
    await runner.query(`CREATE TABLE service (
      id integer PRIMARY KEY CHECK (id = 1),
      state text NOT NULL,
      frozen boolean NOT NULL,
      public_key text NOT NULL,
      instance text NOT NULL,
      has_loaded boolean NOT NULL
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
    for (const table of ['audit', 'service', 'load_error', 'package', 'connection', 'project'])
      await runner.query(`DROP TABLE ${table}`);
    await runner.query('DROP SEQUENCE version');
    await dropInboxTable(runner);
  }
}
