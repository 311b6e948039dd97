import { escapeIdentifier, type Client } from 'pg';
import { SourceProblem } from '../connect/source-problem.js';

export interface Slot {
  readonly confirmed: string | null;
  readonly isActive: boolean;
  /** The WAL that it needs is still there. */
  readonly isUsable: boolean;
}

/** `conflicting` and `invalidation_reason` came with PostgreSQL 16 and 17; `wal_status` says the same of WAL that was removed. */
const SLOT = `
  SELECT confirmed_flush_lsn AS confirmed, active, coalesce(wal_status <> 'lost', true)
    AND coalesce(to_jsonb(s) ->> 'invalidation_reason', '') = '' AS usable
  FROM pg_replication_slots s WHERE slot_name = $1`;

export async function findSlot(client: Client, name: string): Promise<Slot | undefined> {
  const { rows } = await client.query<{ confirmed: string | null; active: string; usable: string }>(SLOT, [name]);
  const [row] = rows;
  return row && { confirmed: row.confirmed, isActive: row.active === 't', isUsable: row.usable === 't' };
}

const DROP = 'SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = $1';
/** A connection that creates the slot is in the state `startup`. */
const END_USERS = `
  SELECT pg_terminate_backend(s.active_pid) FROM pg_replication_slots s LEFT JOIN pg_stat_replication r ON r.pid = s.active_pid
  WHERE s.slot_name = $1 AND s.active_pid IS NOT NULL AND ($2::boolean OR r.state = 'startup')`;
const IN_USE = '55006';
const MOST_TRIES = 20;

/**
 * Ends a connection that is still creating the slot: it waits for open transactions, and does not notice that its client is gone.
 * `evenRead`: also one that reads from it. @throws where another connection uses it all the same
 */
export async function dropSlot(client: Client, name: string, { evenRead = false } = {}): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      await client.query(DROP, [name]);
      return;
    } catch (error) {
      if ((error as { code?: string }).code !== IN_USE || tries === MOST_TRIES) throw error;
      const ended = await client.query(END_USERS, [name, evenRead]).catch(() => undefined);
      if (!ended?.rowCount) throw error;
      await client.query('SELECT pg_sleep(0.05)');
    }
  }
}

/** Leaves out what the slot would send until now. @returns where it is then */
export async function advanceSlot(client: Client, name: string): Promise<string> {
  const { rows } = await client.query<{ lsn: string }>(
    'SELECT end_lsn AS lsn FROM pg_replication_slot_advance($1, pg_current_wal_lsn())',
    [name],
  );
  const [row] = rows;
  if (!row) throw new Error('the server does not report where the slot is');
  return row.lsn;
}

export interface CreatedSlot {
  readonly lsn: string;
  /** Shows the rows as they were at that position, as long as the connection is used for nothing else. */
  readonly snapshot: string;
}

/** `client`: a connection for replication. */
export async function createSlot(client: Client, name: string): Promise<CreatedSlot> {
  const { rows } = await client.query<{ consistent_point: string; snapshot_name: string }>(
    `CREATE_REPLICATION_SLOT ${escapeIdentifier(name)} LOGICAL pgoutput EXPORT_SNAPSHOT`,
  );
  const [row] = rows;
  if (!row) throw new Error('the server does not say which slot it made');
  return { lsn: row.consistent_point, snapshot: row.snapshot_name };
}

/** The slot that was read from is not there, or not usable: changes are missing. */
export const slotLost = (name: string, slot: Slot | undefined): SourceProblem =>
  new SourceProblem('blocked', slot ? 'slot_lost' : 'slot_missing', {
    item: 'replication_slot_capacity',
    message: slot
      ? `The server removed WAL that the slot ${name} needs.`
      : `The slot ${name} was dropped at the server, or the server was replaced by one that does not have it.`,
    fix: 'Start over with POST /v1/datasources/{id}/resync: rows are read again. Raise max_slot_wal_keep_size where it was too small.',
  });
