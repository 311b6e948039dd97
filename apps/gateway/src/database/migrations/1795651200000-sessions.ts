import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Sessions of people who signed in. One that is over has no row. */
export class Sessions1795651200000 implements MigrationInterface {
  readonly name = 'Sessions1795651200000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE session (
        id text PRIMARY KEY,
        sha256 text NOT NULL UNIQUE,
        person text NOT NULL,
        name text NOT NULL,
        role text NOT NULL,
        account text NOT NULL REFERENCES account (id),
        created_at timestamptz NOT NULL,
        expires_at timestamptz NOT NULL,
        idle_expires_at timestamptz NOT NULL
      )`);
    await runner.query('CREATE INDEX session_person ON session (person, created_at)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE session');
  }
}
