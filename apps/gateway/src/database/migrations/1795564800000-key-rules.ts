import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What limits a key besides its role, and when it was used last. The defaults are also for gateways of the release before, which may still add keys. */
export class KeyRules1795564800000 implements MigrationInterface {
  readonly name = 'KeyRules1795564800000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE api_key
        ADD COLUMN kind text NOT NULL DEFAULT 'secret' CHECK (kind IN ('secret', 'publishable')),
        ADD COLUMN scopes jsonb NOT NULL DEFAULT '[]',
        ADD COLUMN networks jsonb NOT NULL DEFAULT '[]',
        ADD COLUMN last_used_at timestamptz,
        ADD CHECK (kind = 'secret' OR role = 'member')`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE api_key DROP COLUMN kind, DROP COLUMN scopes, DROP COLUMN networks, DROP COLUMN last_used_at`);
  }
}
