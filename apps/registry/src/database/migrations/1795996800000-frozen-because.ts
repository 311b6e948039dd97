import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Why the configuration is frozen, for who is refused because of it. */
export class FrozenBecause1795996800000 implements MigrationInterface {
  readonly name = 'FrozenBecause1795996800000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE service ADD COLUMN frozen_because text');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE service DROP COLUMN frozen_because');
  }
}
