import type { MigrationInterface, QueryRunner } from 'typeorm';

/** With defaults: the previous release writes rows without these columns. */
export class Flapping1795564800000 implements MigrationInterface {
  readonly name = 'Flapping1795564800000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE reader
        ADD COLUMN changes jsonb NOT NULL DEFAULT '[]',
        ADD COLUMN flapping_since timestamptz`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE reader DROP COLUMN changes, DROP COLUMN flapping_since');
  }
}
