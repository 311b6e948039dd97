import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Scheduled maintenance. One that is ended early has its end moved. */
export class Notices1795478400002 implements MigrationInterface {
  readonly name = 'Notices1795478400002';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE notice (
        id text PRIMARY KEY,
        message text NOT NULL,
        components jsonb NOT NULL,
        starts_at timestamptz NOT NULL,
        ends_at timestamptz NOT NULL,
        created_at timestamptz NOT NULL,
        created_by text
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE notice');
  }
}
