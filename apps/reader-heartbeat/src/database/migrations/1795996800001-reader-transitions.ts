import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Of readers that are forgotten, too: no row of `reader` need be there. */
export class ReaderTransitions1795996800001 implements MigrationInterface {
  readonly name = 'ReaderTransitions1795996800001';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE reader_transition (
        partition integer NOT NULL,
        epoch bigint NOT NULL,
        number bigint NOT NULL,
        reader_id text NOT NULL,
        at timestamptz NOT NULL,
        from_state text CHECK (from_state IN ('loading', 'live', 'dead', 'gone')),
        to_state text CHECK (to_state IN ('loading', 'live', 'dead', 'gone')),
        why text NOT NULL,
        boot_id text,
        silent_ms bigint,
        PRIMARY KEY (partition, epoch, number)
      )`);
    await runner.query(
      'CREATE INDEX reader_transition_of_reader ON reader_transition (partition, reader_id, epoch, number)',
    );
    await runner.query('CREATE INDEX reader_transition_at ON reader_transition (at)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE reader_transition');
  }
}
