import type { MigrationInterface, QueryRunner } from 'typeorm';

export class DeletedAt1795698000000 implements MigrationInterface {
  readonly name = 'DeletedAt1795698000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE datasource ADD COLUMN deleted_at timestamptz');
    await runner.query('UPDATE datasource SET deleted_at = now() WHERE is_deleting');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE datasource DROP COLUMN deleted_at');
  }
}
