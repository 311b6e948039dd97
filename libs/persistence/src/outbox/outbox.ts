import type { EntityManager } from 'typeorm';
import type { Query } from '../postgres/query.js';

/**
 * The outbox of a schema: rows that were committed together with the changes they announce, and wait to be published. Each row
 * belongs to a channel, which numbers its rows. The tables are those of `createStreamTables`, made when every channel was a state
 * stream: `stream` counts the rows of a channel, `outbox.stream` names the channel and `outbox.changes` is the payload.
 */
export interface OutboxRow<Payload> {
  readonly seq: number;
  readonly payload: Payload;
}

export interface NewOutboxRow {
  readonly channel: string;
  /** JSON. */
  readonly payload: unknown;
  /** A CTE that runs in the same statement. It may read `next.seq`; its parameters are numbered from $3. */
  readonly also?: { readonly sql: string; readonly parameters: readonly unknown[] };
}

/**
 * Numbers a row and puts it into the outbox of the caller's transaction. Returns its number.
 *
 * It must be the last statement of the transaction: it locks the channel until the commit, so that writers of a channel commit
 * one after the other, in the order of their numbers, and a number that is rolled back is used again. So `seq` has no gap.
 */
export async function appendToOutbox(
  manager: EntityManager,
  { channel, payload, also }: NewOutboxRow,
): Promise<number> {
  const sql = `
    WITH next AS (UPDATE stream SET seq = seq + 1 WHERE name = $1 RETURNING seq),
         appended AS (INSERT INTO outbox (stream, seq, changes) SELECT $1, seq, $2::json FROM next)
         ${also === undefined ? '' : `, also AS (${also.sql})`}
    SELECT seq, pg_notify('outbox:' || current_schema() || ':' || $1, '') FROM next`;
  const [row] = await manager.query<{ seq: string }[]>(sql, [
    channel,
    JSON.stringify(payload),
    ...(also?.parameters ?? []),
  ]);
  if (row === undefined) throw new Error(`there is no stream "${channel}" in this schema: a migration must create it`);
  return Number(row.seq);
}

/** The notification channel on which each commit of a row is announced. */
export const notificationOf = ({ schema, channel }: { readonly schema: string; readonly channel: string }): string =>
  `outbox:${schema}:${channel}`;

/** The oldest rows of a channel, in order. What is visible has no gap: numbers are given in commit order. */
export async function readOutbox<Payload>(query: Query, channel: string, limit: number): Promise<OutboxRow<Payload>[]> {
  const rows = await query<{ seq: string; payload: Payload }>(
    'SELECT seq, changes AS payload FROM outbox WHERE stream = $1 ORDER BY seq LIMIT $2',
    [channel, limit],
  );
  return rows.map(({ seq, payload }) => ({ seq: Number(seq), payload }));
}

/** What of a channel is not published. */
export interface OutboxBacklog {
  readonly channel: string;
  readonly messages: number;
  /** Age of the oldest; 0 without any. */
  readonly oldestMs: number;
}

/** Of every channel of the schema. */
export async function outboxBacklogs(manager: EntityManager): Promise<OutboxBacklog[]> {
  const rows = await manager.query<{ channel: string; messages: number; oldest_ms: number | null }[]>(
    `SELECT name AS channel, count(outbox.seq)::int AS messages,
       (extract(epoch FROM now() - min(created_at)) * 1000)::float8 AS oldest_ms
     FROM stream LEFT JOIN outbox ON outbox.stream = name GROUP BY name ORDER BY name`,
  );
  return rows.map(({ channel, messages, oldest_ms }) => ({ channel, messages, oldestMs: oldest_ms ?? 0 }));
}

/** Deletes what was published, up to and including `seq`. */
export async function deleteOutbox(query: Query, channel: string, seq: number): Promise<void> {
  await query('DELETE FROM outbox WHERE stream = $1 AND seq <= $2', [channel, seq]);
}
