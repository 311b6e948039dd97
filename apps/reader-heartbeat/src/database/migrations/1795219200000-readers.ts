import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Readers1795219200000 implements MigrationInterface {
  readonly name = 'Readers1795219200000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE partition (
        partition integer PRIMARY KEY,
        epoch bigint NOT NULL
      )`);
    await runner.query(`
      CREATE TABLE reader (
        partition integer NOT NULL,
        reader_id text NOT NULL,
        state text NOT NULL CHECK (state IN ('loading', 'live', 'dead', 'gone')),
        since timestamptz NOT NULL,
        boot_id text,
        seq bigint,
        ended_boots jsonb NOT NULL,
        profile jsonb NOT NULL,
        heard_at timestamptz NOT NULL,
        epoch bigint NOT NULL,
        PRIMARY KEY (partition, reader_id)
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE reader');
    await runner.query('DROP TABLE partition');
  }
}
