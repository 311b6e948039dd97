import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Which key replaces which. A key is replaced once. */
export class KeyRotation1795564800001 implements MigrationInterface {
  readonly name = 'KeyRotation1795564800001';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE api_key
        ADD COLUMN rotated_to text UNIQUE REFERENCES api_key (id),
        ADD COLUMN rotated_from text UNIQUE REFERENCES api_key (id)`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE api_key DROP COLUMN rotated_to, DROP COLUMN rotated_from');
  }
}
