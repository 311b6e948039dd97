import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What each partition has received, by the clock of the database: silence counts only where it was silence in all of them. */
export class Watermarks1796515200000 implements MigrationInterface {
  readonly name = 'Watermarks1796515200000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE partition_watermark (
        partition integer PRIMARY KEY,
        owner text NOT NULL,
        receiving_since timestamptz NOT NULL,
        received_through timestamptz NOT NULL
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE partition_watermark');
  }
}
