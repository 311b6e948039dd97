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

/** Which transactions write may be seen by every role; since when they do, only of the own ones, or with pg_read_all_stats. */
const OPEN = `
  WITH open AS (
    SELECT pid, xact_start AS since FROM pg_stat_activity WHERE backend_xid IS NOT NULL
    UNION ALL SELECT NULL, prepared FROM pg_prepared_xacts
  ) SELECT pid, since, count(*) OVER () AS count FROM open ORDER BY since NULLS LAST, pid LIMIT 1`;

const LOOK_EVERY_MS = 1_000;

export async function findOpenTransactions(client: Client): Promise<OpenTransactions | undefined> {
  const { rows } = await client.query<Record<'pid' | 'since', string | null> & { count: string }>(OPEN);
  const [row] = rows;
  // Short, whatever calls itself a server.
  return (
    row && { count: Number(row.count), pid: row.pid?.slice(0, 10) ?? null, since: row.since?.slice(0, 40) ?? null }
  );
}

export interface SlotWait {
  /** Besides the connection that creates the slot. */
  readonly client: Client;
  readonly clock: Clock;
  readonly onWaiting: (open: OpenTransactions) => void;
}

/** Says what `work` waits for while it does: the server creates a slot only after all transactions that write have ended. */
export async function sayingWhatIsOpen<T>({ client, clock, onWaiting }: SlotWait, work: () => Promise<T>): Promise<T> {
  let isWaiting = true;
  const stop = every({ clock, ms: LOOK_EVERY_MS, background: true }, async () => {
    const open = await findOpenTransactions(client).catch(() => undefined);
    if (isWaiting && open) onWaiting(open);
  });
  try {
    return await work();
  } finally {
    isWaiting = false;
    stop();
  }
}
