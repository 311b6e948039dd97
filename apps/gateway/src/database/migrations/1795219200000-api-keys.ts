import { gatewayStream } from '@signalbox/contracts/streams';
import { createStreamTables, dropStreamTables } from '@signalbox/persistence';
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class ApiKeys1795219200000 implements MigrationInterface {
  readonly name = 'ApiKeys1795219200000';

  async up(runner: QueryRunner): Promise<void> {
    await createStreamTables(runner, gatewayStream.name);
    await runner.query(`
      CREATE TABLE api_key (
        id text PRIMARY KEY,
        name text NOT NULL,
        role text NOT NULL CHECK (role IN ('member', 'manager', 'admin')),
        mode text NOT NULL CHECK (mode IN ('live', 'test')),
        sha256 text NOT NULL UNIQUE,
        hint text NOT NULL,
        created_at timestamptz NOT NULL,
        created_by text REFERENCES api_key (id),
        expires_at timestamptz,
        revoked_at timestamptz
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE api_key');
    await dropStreamTables(runner);
  }
}
