import type { Client } from 'pg';
import { every, type Clock } from '@signalbox/platform';

/** What the creation of a slot waits for. */
export interface OpenTransactions {
  readonly count: number;
  /** Of the oldest, as far as the role may see it. */
  readonly pid: string | null;
  readonly since: string | null;
}

export const WAITING = 'waiting_for_transactions';
export const WAITING_FIX =
  'End the transactions at the source that stay open: SELECT pg_terminate_backend(pid), or ROLLBACK PREPARED.';

export function waitsFor({ count, pid, since }: OpenTransactions): string {
  const oldest = [pid && `has the process id ${pid}`, since && `began at ${since}`].filter(Boolean).join(' and ');
  return (
    'The server creates the replication slot when the transactions that write have ended; ' +
    `${count} ${count === 1 ? 'is' : 'are'} open${oldest && `, of which the oldest ${oldest}`}.`
  );
}

/**
 * Which transactions write may be seen by every role; since when they do, only of the own ones, or with pg_read_all_stats. Those that a
 * standby waits for are at its primary. A slot that is made has a position.
 */
const OPEN = `
  WITH open AS (
    SELECT pid, xact_start AS since FROM pg_stat_activity WHERE backend_xid IS NOT NULL
    UNION ALL SELECT NULL, prepared FROM pg_prepared_xacts
  ), oldest AS (SELECT pid, since, count(*) OVER () AS count FROM open ORDER BY since NULLS LAST, pid LIMIT 1)
  SELECT o.pid, o.since, coalesce(o.count, 0) AS count, pg_is_in_recovery() AS standby, EXISTS (
    SELECT FROM pg_replication_slots WHERE slot_name = $1 AND confirmed_flush_lsn IS NOT NULL) AS made
  FROM (VALUES (1)) one LEFT JOIN oldest o ON true`;

const LOOK_EVERY_MS = 1_000;

interface Look {
  readonly open: OpenTransactions;
  /** That the slot is not made has a reason at the server. */
  readonly isWaiting: boolean;
}

type Row = Record<'pid' | 'since', string | null> & Record<'count' | 'standby' | 'made', string>;

async function look(client: Client, slot: string): Promise<Look | undefined> {
  const { rows } = await client.query<Row>(OPEN, [slot]);
  const [row] = rows;
  if (!row) return undefined;
  const { pid, since, standby, made } = row;
  const count = Number(row.count);
  // Short, whatever calls itself a server.
  const open = { count, pid: pid?.slice(0, 10) ?? null, since: since?.slice(0, 40) ?? null };
  return { open, isWaiting: made !== 't' && (standby === 't' || count > 0) };
}

export interface SlotWait {
  /** Besides the connection that creates the slot. */
  readonly client: Client;
  readonly slot: string;
  readonly clock: Clock;
  /** How long the work may have no reason to wait, or none that the server reports. */
  readonly silenceMs: number;
  readonly onWaiting: (open: OpenTransactions) => void;
  readonly onSilent: () => void;
}

/** Says what `work` waits for while it does: the server creates a slot only after all transactions that write have ended, and is silent until then. */
export async function sayingWhatIsOpen<T>(
  { client, slot, clock, silenceMs, onWaiting, onSilent }: SlotWait,
  work: () => Promise<T>,
): Promise<T> {
  let isWaiting = true;
  let explainedAt = clock.monotonic();
  const stop = every({ clock, ms: LOOK_EVERY_MS, background: true }, async () => {
    const seen = await look(client, slot).catch(() => undefined);
    if (!isWaiting) return;
    if (seen?.isWaiting) explainedAt = clock.monotonic();
    else if (clock.monotonic() - explainedAt > silenceMs) onSilent();
    if (seen && seen.open.count > 0) onWaiting(seen.open);
  });
  try {
    return await work();
  } finally {
    isWaiting = false;
    stop();
  }
}
