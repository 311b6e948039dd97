import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Tokens, without the tokens themselves, and the public parts of the keys that signed them. `needed_until`: when the last
 * token that the key signed has expired.
 */
export class Tokens1795564800002 implements MigrationInterface {
  readonly name = 'Tokens1795564800002';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE signing_key (
        kid text PRIMARY KEY,
        jwk jsonb NOT NULL,
        needed_until timestamptz NOT NULL
      )`);
    await runner.query(`
      CREATE TABLE token (
        id text PRIMARY KEY,
        key_id text NOT NULL REFERENCES api_key (id),
        name text NOT NULL,
        role text NOT NULL CHECK (role IN ('member', 'manager', 'admin')),
        scopes jsonb NOT NULL,
        created_at timestamptz NOT NULL,
        created_by text NOT NULL,
        expires_at timestamptz NOT NULL,
        revoked_at timestamptz
      )`);
    await runner.query('CREATE INDEX token_of_key ON token (key_id, expires_at)');
    await runner.query('CREATE INDEX token_expiry ON token (expires_at)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE token');
    await runner.query('DROP TABLE signing_key');
  }
}
