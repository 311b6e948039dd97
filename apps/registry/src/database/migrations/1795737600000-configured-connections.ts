import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Whether a connection comes from the configuration file. It is not known (null) of those that are stored already: see `ReloadStored`. */
export class ConfiguredConnections1795737600000 implements MigrationInterface {
  readonly name = 'ConfiguredConnections1795737600000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE connection ADD COLUMN is_configured boolean');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE connection DROP COLUMN is_configured');
  }
}
