import { AUDIT_CHANNEL } from '@signalbox/contracts/messages';
import { createChannel, dropChannel } from '@signalbox/persistence';

type Runner = Parameters<typeof createChannel>[0];

/**
 * For a migration of a service that had an audit table of its own: its entries go to the keeper of the audit trail, which lists those of all services.
 * @param action SQL: the name of a row's action in the trail
 */
export async function moveAuditToOutbox(runner: Runner, action: string): Promise<void> {
  await createChannel(runner, AUDIT_CHANNEL);
  await runner.query(
    `INSERT INTO outbox (stream, seq, changes)
     SELECT $1, row_number() OVER (ORDER BY number), json_build_object(
       'at', round(extract(epoch FROM at) * 1000)::bigint, 'action', ${action},
       'resource', resource, 'key_id', key_id, 'request_id', request_id, 'address', '', 'result', 'done', 'detail', json_build_object())
     FROM audit`,
    [AUDIT_CHANNEL],
  );
  await runner.query('UPDATE stream SET seq = (SELECT count(*) FROM audit) WHERE name = $1', [AUDIT_CHANNEL]);
  await runner.query('DROP TABLE audit');
}

/** Undoes `moveAuditToOutbox`, with an empty table. */
export async function restoreAuditTable(runner: Runner): Promise<void> {
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
