import type { JsonValue } from '@signalbox/platform';
import type { EntityManager } from 'typeorm';

/** One entry of a stream as it is from now on; null removes it. */
export interface StreamChange {
  readonly key: string;
  readonly value: JsonValue | null;
}

const APPEND = `
  WITH next AS (UPDATE stream SET seq = seq + 1 WHERE name = $1 RETURNING seq),
       appended AS (INSERT INTO outbox (stream, seq, changes) SELECT $1, seq, $2::json FROM next)
  SELECT seq, pg_notify('outbox:' || current_schema() || ':' || $1, '') FROM next`;

/**
 * Numbers the changes of the caller's transaction and puts them into the outbox.
 *
 * It must be the transaction's last statement: it locks the stream's row until the commit, so writers of one stream commit one
 * after the other, in the order of their numbers, and a number that is rolled back is used again. Hence `seq` has no gap.
 */
export async function appendToStream(
  manager: EntityManager,
  stream: string,
  changes: readonly StreamChange[],
): Promise<{ seq: number }> {
  const rows = await manager.query<{ seq: string }[]>(APPEND, [stream, JSON.stringify(changes)]);
  const row = rows[0];
  if (row === undefined) throw new Error(`there is no stream "${stream}" in this schema: a migration must create it`);
  return { seq: Number(row.seq) };
}
