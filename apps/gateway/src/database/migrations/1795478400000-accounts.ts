import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Tiers and accounts. Existing keys belong to the account `default`, those of admins to `operators`. */
export class Accounts1795478400000 implements MigrationInterface {
  readonly name = 'Accounts1795478400000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE tier (
        name text PRIMARY KEY,
        requests_per_hour integer NOT NULL CHECK (requests_per_hour > 0),
        burst_per_second integer NOT NULL CHECK (burst_per_second > 0)
      )`);
    await runner.query(`
      CREATE TABLE account (
        id text PRIMARY KEY,
        name text NOT NULL,
        tier text NOT NULL REFERENCES tier (name),
        created_at timestamptz NOT NULL
      )`);
    await runner.query(`INSERT INTO tier VALUES ('standard', 1000, 100), ('operators', 1000000, 10000)`);
    await runner.query(`
      INSERT INTO account VALUES ('default', 'default', 'standard', now()), ('operators', 'operators', 'operators', now())`);
    // The default is for gateways of the release before, which may still add keys.
    await runner.query(
      `ALTER TABLE api_key ADD COLUMN account text NOT NULL DEFAULT 'default' REFERENCES account (id)`,
    );
    await runner.query(`UPDATE api_key SET account = 'operators' WHERE role = 'admin'`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE api_key DROP COLUMN account');
    await runner.query('DROP TABLE account');
    await runner.query('DROP TABLE tier');
  }
}
