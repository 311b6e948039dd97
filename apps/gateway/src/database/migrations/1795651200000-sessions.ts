import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Sessions of people who signed in. One that is over has no row. Keys may be created by a person, too. */
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
    await runner.query('ALTER TABLE api_key DROP CONSTRAINT api_key_created_by_fkey');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE session');
    // Not checked for what is there: people have created keys.
    await runner.query(
      'ALTER TABLE api_key ADD CONSTRAINT api_key_created_by_fkey FOREIGN KEY (created_by) REFERENCES api_key (id) NOT VALID',
    );
  }
}
