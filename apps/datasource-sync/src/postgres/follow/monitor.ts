import { LinkedAbort, every } from '@signalbox/platform';
import type { Client } from 'pg';
import type { DirectAssignment } from '../../work/assignment.js';
import type { FollowerHost } from '../../work/follower.js';
import { explain } from '../connect/explain.js';
import { openClient, type SourceClient } from '../connect/open-client.js';
import { publishedMembers, type PublishedMember } from '../snapshot/published-tables.js';
import type { Measured } from './progress.js';

export interface MonitorOptions {
  readonly assignment: DirectAssignment;
  readonly host: Pick<FollowerHost, 'clock' | 'logger'>;
  readonly signal: AbortSignal;
  /** Between two looks. */
  readonly everyMs: number;
  readonly onMeasured: (measured: Measured, tables: readonly PublishedMember[]) => void;
}

const DEADLINE_MS = 10_000;

/** On a standby the WAL ends with what was replayed. */
const MEASURE = `
  WITH here AS (SELECT CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_lsn() END AS lsn)
  SELECT here.lsn AS source, s.confirmed_flush_lsn AS confirmed,
    greatest(0, here.lsn - s.confirmed_flush_lsn) AS lag, greatest(0, here.lsn - s.restart_lsn) AS retained
  FROM here LEFT JOIN pg_replication_slots s ON s.slot_name = $1`;

/** Looks at the source beside the reading, also while that fails: what a slot costs must be known then above all. Resolves when it has ended. */
export function watchSource({ assignment, host, signal, everyMs, onMeasured }: MonitorOptions): () => Promise<void> {
  let line: SourceClient | undefined;
  let running: Promise<void> = Promise.resolve();
  let cut = new LinkedAbort(signal);
  const look = async (): Promise<void> => {
    const cancel = host.clock.schedule(DEADLINE_MS, () => cut.abort(), { background: true });
    try {
      line ??= await openClient(assignment, { signal: cut.signal });
      line.received();
      const measured = await measure(line.client, assignment.source.slot);
      const tables = await publishedMembers(line.client, assignment.source);
      if (!signal.aborted) onMeasured(measured, tables);
    } catch (error) {
      line?.close();
      line = undefined;
      cut.end();
      cut = new LinkedAbort(signal);
      if (!signal.aborted)
        host.logger.debug({ datasource: assignment.id, ...codeOf(error) }, 'could not look at the source');
    } finally {
      cancel();
    }
  };
  const stop = every({ clock: host.clock, ms: everyMs, atOnce: true, background: true }, () => (running = look()));
  return async () => {
    stop();
    line?.close();
    await running;
    cut.end();
  };
}

const codeOf = (error: unknown): { code: string } => ({ code: explain(error).code });

export async function measure(client: Client, slot: string): Promise<Measured> {
  const { rows } = await client.query<Record<'source' | 'confirmed' | 'lag' | 'retained', string | null>>(MEASURE, [
    slot,
  ]);
  const { source = null, confirmed = null, lag = null, retained = null } = rows[0] ?? {};
  const number = (text: string | null): number | null => (text === null ? null : Number(text));
  return { sourceLsn: source, confirmedLsn: confirmed, lagBytes: number(lag), retainedBytes: number(retained) };
}
