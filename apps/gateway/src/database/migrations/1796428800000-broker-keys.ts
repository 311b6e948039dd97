import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Keys with which readers and agents log in to the broker. */
export class BrokerKeys1796428800000 implements MigrationInterface {
  readonly name = 'BrokerKeys1796428800000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE api_key
        DROP CONSTRAINT api_key_kind_check,
        ADD CONSTRAINT api_key_kind_check CHECK (kind IN ('secret', 'publishable', 'reader', 'agent')),
        ADD COLUMN readers text,
        ADD COLUMN dataplane text,
        ADD CHECK ((kind = 'reader') = (readers IS NOT NULL)),
        ADD CHECK ((kind = 'agent') = (dataplane IS NOT NULL))`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DELETE FROM api_key WHERE kind IN ('reader', 'agent');
      ALTER TABLE api_key
        DROP COLUMN readers, DROP COLUMN dataplane, DROP CONSTRAINT api_key_kind_check,
        ADD CONSTRAINT api_key_kind_check CHECK (kind IN ('secret', 'publishable'))`);
  }
}
