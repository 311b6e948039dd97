import { createHash } from 'node:crypto';
import { changeKey, type ChangeOp, type DatasourceChange } from '@signalbox/contracts/messages';
import type { OutgoingChange } from '../work/follower.js';
import type { SourceEvent } from './page.rules.js';

const OPS: Readonly<Record<SourceEvent['type'], ChangeOp>> = {
  CREATE: 'insert',
  UPDATE: 'update',
  DELETE: 'delete',
  ARCHIVE: 'archive',
  UNARCHIVE: 'unarchive',
};

/** With the id of the datasource it must fit into the message id of AMQP, which has 255 bytes. */
const MAX_ID_BYTES = 200;

/** An event as it is published. */
export function changeOf(datasource: string, event: SourceEvent): OutgoingChange {
  const op = OPS[event.type];
  const at = { datasource, schema: null, table: event.model, op };
  const change: DatasourceChange = {
    id: `${datasource}:${idOf(event)}`,
    source: 'endpoint',
    ...at,
    lsn: null,
    committed_at: typeof event.occurredAt === 'number' ? new Date(event.occurredAt).toISOString() : null,
    key: { id: event.entityId },
    before: null,
    after: event.data ?? null,
    event: {
      correlation_id: event.correlationId ?? event.clientTxId ?? null,
      transaction_id: event.transactionId ?? null,
      organization_id: event.organizationId ?? null,
    },
  };
  return { id: change.id, key: changeKey(at).slice(datasource.length + 1), body: JSON.stringify(change) };
}

/** The id of the event itself where a message id can hold it. */
function idOf({ id }: SourceEvent): string {
  const bytes = Buffer.from(id);
  // Half of a surrogate pair has no UTF-8.
  const fits = bytes.length <= MAX_ID_BYTES && bytes.toString() === id;
  return fits ? id : `sha256-${createHash('sha256').update(JSON.stringify(id)).digest('hex')}`;
}
