import { standingColumns, standingOf } from '../standing/standing-columns.js';
import { afterAttempt, type Outcome } from '../standing/standing.rules.js';
import type { DatasourceRow } from '../store/datasource.row.js';
import type { AttemptReport, FollowerReport } from '../work/follower.js';

/** What was reported of one datasource and is not stored yet. */
export interface Recorded {
  readonly report: FollowerReport | undefined;
  /** In the order in which they ended. */
  readonly attempts: readonly { readonly at: Date; readonly attempt: AttemptReport }[];
}

/** A row with what its worker reported. One that is refused for good is checked, to know what it lacks. */
export function withRecorded(row: DatasourceRow, { report, attempts }: Recorded, now: Date): DatasourceRow {
  let standing = standingOf(row);
  for (const { at, attempt } of attempts) standing = afterAttempt(standing, outcomeOf(attempt), at.getTime());
  if (report !== undefined && showsSuccess(report, row))
    standing = afterAttempt(standing, { kind: 'succeeded' }, now.getTime());
  const isRejected = row.status === 'active' && standing.status === 'rejected';
  return {
    ...row,
    ...standingColumns(standing),
    ...(report !== undefined && followerColumns(report, row)),
    ...(isRejected && { check_due_at: now, check_failures: 1 }),
    is_changed: row.is_changed || isRejected,
  };
}

function followerColumns(
  { endpoint, sync, freshness, position, stuck }: FollowerReport,
  row: DatasourceRow,
): Pick<DatasourceRow, 'follower' | 'progress'> {
  return { follower: { sync, freshness, position, stuck }, progress: endpoint ?? row.progress };
}

const outcomeOf = ({ kind, outcome, error }: AttemptReport): Outcome =>
  outcome === 'succeeded'
    ? { kind: outcome }
    : { kind: outcome, error: error ?? { code: `${kind}_${outcome}`, message: `The ${kind} ${outcome}.` } };

/** A follower reports its state always, and no attempt for a poll that brought nothing. A snapshot that only begins may fail as the one before. */
function showsSuccess({ sync, endpoint }: FollowerReport, { progress, follower }: DatasourceRow): boolean {
  if (sync.error !== null) return false;
  if (sync.state === 'snapshotting') return (sync.snapshot?.rows_done ?? 0) > (follower?.sync.snapshot?.rows_done ?? 0);
  if (sync.state !== 'streaming' && sync.state !== 'polling') return false;
  return endpoint === undefined || (endpoint.last_success_at ?? 0) > (progress?.last_success_at ?? 0);
}
