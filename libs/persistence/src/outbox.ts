import type { StreamChange } from './append-to-stream.js';
import type { Query } from './stream-epoch.js';

export interface OutboxRow {
  readonly seq: number;
  readonly changes: StreamChange[];
}

/** The oldest rows that wait, in order. What is visible has no gap: numbers are given in commit order. */
export async function readOutbox(query: Query, stream: string, limit: number): Promise<OutboxRow[]> {
  const rows = await query<{ seq: string; changes: StreamChange[] }>(
    'SELECT seq, changes FROM outbox WHERE stream = $1 ORDER BY seq LIMIT $2',
    [stream, limit],
  );
  return rows.map(({ seq, changes }) => ({ seq: Number(seq), changes }));
}

/** Removes what was published, up to and with `seq`. */
export async function deleteOutbox(query: Query, stream: string, seq: number): Promise<void> {
  await query('DELETE FROM outbox WHERE stream = $1 AND seq <= $2', [stream, seq]);
}
