import type { Client } from 'pg';
import { SeenTransactions } from './seen-transactions.js';

/** The transactions that a snapshot shows, all of which were committed before the LSN `until`. */
export interface Seen {
  readonly snapshot: string;
  readonly until: string;
}

const LSN = /^[0-9A-F]{1,8}\/[0-9A-F]{1,8}$/;

/** A snapshot is taken before the functions of its first query are called. A standby does not report which transactions are open. */
const SEEN = `
  SELECT txid_current_snapshot() AS snapshot, CASE WHEN NOT pg_is_in_recovery() THEN pg_current_wal_insert_lsn() END AS until`;

/**
 * Takes the snapshot that all rows are read with. `exported`: the one that a slot began with.
 * @returns what a snapshot of its own shows, where the server reports it
 */
export async function beginReading(client: Client, exported: string | undefined): Promise<Seen | undefined> {
  await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
  if (exported !== undefined) {
    await client.query(`SET TRANSACTION SNAPSHOT '${exported.replaceAll("'", "''")}'`);
    return undefined;
  }
  const { rows } = await client.query<{ snapshot: string; until: string | null }>(SEEN);
  const { snapshot = '', until = null } = rows[0] ?? {};
  // It is stored: short, whatever calls itself a server.
  const isKnown = until !== null && LSN.test(until) && SeenTransactions.parse(snapshot) !== undefined;
  return isKnown ? { snapshot, until } : undefined;
}
