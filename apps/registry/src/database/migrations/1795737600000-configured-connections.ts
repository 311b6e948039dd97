import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Whether a connection comes from the configuration file. It is not known of those that are stored already, which count as made through the API. */
export class ConfiguredConnections1795737600000 implements MigrationInterface {
  readonly name = 'ConfiguredConnections1795737600000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE connection ADD COLUMN is_configured boolean NOT NULL DEFAULT false');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE connection DROP COLUMN is_configured');
  }
}
