import { AUDIT_CHANNEL } from '@signalbox/contracts/messages';
import { createChannel, dropChannel } from '@signalbox/persistence';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Entries go to the keeper of the audit trail, which lists those of all services. Also those that stood in a table of this service. */
export class AuditOutbox1795784400000 implements MigrationInterface {
  readonly name = 'AuditOutbox1795784400000';

  async up(runner: QueryRunner): Promise<void> {
    await createChannel(runner, AUDIT_CHANNEL);
    await runner.query(
      `INSERT INTO outbox (stream, seq, changes)
       SELECT $1, row_number() OVER (ORDER BY number), json_build_object(
         'at', round(extract(epoch FROM at) * 1000)::bigint, 'action', action,
         'resource', resource, 'key_id', key_id, 'request_id', request_id, 'address', '', 'result', 'done', 'detail', json_build_object())
       FROM audit`,
      [AUDIT_CHANNEL],
    );
    await runner.query('UPDATE stream SET seq = (SELECT count(*) FROM audit) WHERE name = $1', [AUDIT_CHANNEL]);
    await runner.query('DROP TABLE audit');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`CREATE TABLE audit (
      number bigserial PRIMARY KEY,
      at timestamptz NOT NULL DEFAULT now(),
      key_id text,
      request_id text NOT NULL,
      action text NOT NULL,
      resource text NOT NULL
    )`);
    await dropChannel(runner, AUDIT_CHANNEL);
  }
}
