import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The requests of each key in each hour. `leased` is what processes may use and have used, `used` what they have reported of it. */
export class Quota1795478400001 implements MigrationInterface {
  readonly name = 'Quota1795478400001';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE quota (
        window_start timestamptz NOT NULL,
        key_id text NOT NULL,
        leased bigint NOT NULL DEFAULT 0 CHECK (leased >= 0),
        used bigint NOT NULL DEFAULT 0 CHECK (used >= 0),
        PRIMARY KEY (window_start, key_id)
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE quota');
  }
}
