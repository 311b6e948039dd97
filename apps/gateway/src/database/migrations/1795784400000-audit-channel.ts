import { AUDIT_CHANNEL } from '@signalbox/contracts/messages';
import { createChannel, dropChannel } from '@signalbox/persistence';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Changes are committed with their entries for the audit trail. */
export class AuditChannel1795784400000 implements MigrationInterface {
  readonly name = 'AuditChannel1795784400000';

  async up(runner: QueryRunner): Promise<void> {
    await createChannel(runner, AUDIT_CHANNEL);
  }

  async down(runner: QueryRunner): Promise<void> {
    await dropChannel(runner, AUDIT_CHANNEL);
  }
}
