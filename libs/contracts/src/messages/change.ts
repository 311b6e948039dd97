import { z } from 'zod';
import { jsonValue } from '../json.js';

/** The AMQP `type` of every message on `signalbox.changes`. */
export const DATASOURCE_CHANGE = 'datasource.change';

export const changeOps = ['insert', 'update', 'delete', 'truncate', 'read', 'archive', 'unarchive'] as const;
export type ChangeOp = (typeof changeOps)[number];

/** Column name to value: see docs/messages.md for how each type of Postgres is written. */
const row = z.record(z.string(), jsonValue);

/**
 * One change of one row. A row of a first snapshot has the op `read`; the snapshot of a table begins with its `truncate`: consumers that
 * have an older copy empty it. Consumers keep the ids they have handled: what is delivered twice has the same id.
 */
export const datasourceChange = z.object({
  /**
   * `<datasource>:<lsn>:<n>`. `n` is `<generation>.<number within the transaction>`, of the `truncate` of a snapshot `<generation>.<table>.<attempt>`, of its rows
   * `<generation>.<table>.<attempt>.<key>`: another attempt empties the table, so its rows are no repeats. Of an endpoint `<datasource>:<id of the event>`.
   */
  id: z.string(),
  datasource: z.string(),
  source: z.enum(['direct', 'endpoint']),
  op: z.enum(changeOps),
  /** Of an endpoint: null. */
  schema: z.string().nullable(),
  /** Of an endpoint: the model. */
  table: z.string(),
  /** Where the commit record of the transaction begins, or the position of the snapshot. Of an endpoint: null. */
  lsn: z.string().nullable(),
  /** ISO 8601 with a zone; null where it is not known. */
  committed_at: z.string().nullable(),
  /**
   * The columns of the replica identity, as they are after the change; null where the table has none of them (`REPLICA IDENTITY FULL` without a
   * primary key), and for `truncate`. Where an update changes them, `before` has the former ones.
   */
  key: row.nullable(),
  /** The row before, as far as the source sends it: often its key only, and for an update that keeps the key null. */
  before: row.nullable(),
  after: row.nullable(),
  /** Columns that did not change and that the source does not send, because they are stored out of line (TOAST). `after` lacks them. */
  unchanged: z.array(z.string()).exactOptional(),
  /** Of an endpoint: what the event says besides. */
  event: z
    .object({
      correlation_id: z.string().nullable(),
      transaction_id: z.string().nullable(),
      organization_id: z.string().nullable(),
    })
    .exactOptional(),
});
export type DatasourceChange = z.infer<typeof datasourceChange>;

/** A word of a routing key: what is no ASCII letter, no digit, `_` or `-` is an underscore. A routing key has 255 bytes at most. */
export const keyWord = (text: string): string => text.replaceAll(/[^A-Za-z0-9_-]/g, '_').slice(0, 63);

/** `<datasource>.<schema>.<table>.<op>`; the schema of an endpoint is `events`. */
export const changeKey = ({
  datasource,
  schema,
  table,
  op,
}: Pick<DatasourceChange, 'datasource' | 'schema' | 'table' | 'op'>): string =>
  `${datasource}.${keyWord(schema ?? 'events')}.${keyWord(table)}.${op}`;
