import { dataplaneStream } from '@signalbox/contracts/streams';
import { createStreamTables, dropStreamTables } from '@signalbox/persistence';
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class StateStream1795219200000 implements MigrationInterface {
  readonly name = 'StateStream1795219200000';

  async up(runner: QueryRunner): Promise<void> {
    await createStreamTables(runner, dataplaneStream.name);
  }

  async down(runner: QueryRunner): Promise<void> {
    await dropStreamTables(runner);
  }
}
