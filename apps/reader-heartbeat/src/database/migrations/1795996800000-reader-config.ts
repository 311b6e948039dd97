import type { MigrationInterface, QueryRunner } from 'typeorm';

/** `json` and not `jsonb`: the text stays as it was sent, and jsonb refuses the escape of the null character. */
export class ReaderConfig1795996800000 implements MigrationInterface {
  readonly name = 'ReaderConfig1795996800000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE reader_config (
        partition integer NOT NULL,
        reader_id text NOT NULL,
        digest text NOT NULL,
        config json NOT NULL,
        PRIMARY KEY (partition, reader_id),
        FOREIGN KEY (partition, reader_id) REFERENCES reader ON DELETE CASCADE
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE reader_config');
  }
}
