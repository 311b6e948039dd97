import type { DatasourceSync, FollowerState } from '@signalbox/contracts/streams';
import type { DatasourceRow } from './datasource.row.js';

/** What is shown of a source that no worker has reported on. */
export const NOTHING_KNOWN: Omit<FollowerState, 'sync'> = {
  freshness: { newest_change_at: null, unknown_because: 'No change was published yet.', drained_at: null },
  position: null,
  stuck: null,
};

const CREDENTIALS_FIX = 'Register the datasource again with credentials that the source accepts.';

const resting = (state: DatasourceSync['state'], since: number): DatasourceSync => ({
  state,
  since,
  snapshot: null,
  next_attempt_at: null,
  error: null,
  fix: null,
});

/** While it is paused its slot may have to be given up, which must be seen before it is resumed. */
function pausedSync(since: number, sync: DatasourceSync | undefined): DatasourceSync {
  const { snapshot = null, error = null, fix = null } = sync ?? {};
  return { ...resting(sync?.state === 'blocked' ? 'blocked' : 'paused', since), snapshot, error, fix };
}

/** What is being done about the changes of the source: what its worker reports counts only while it is followed or paused. */
export function shownSync(row: DatasourceRow): DatasourceSync {
  if (row.paused_at !== null) return pausedSync(row.paused_at.getTime(), row.follower?.sync);
  const since = (row.checked_at ?? row.created_at).getTime();
  if (row.status === 'active') return row.follower?.sync ?? resting('idle', since);
  if (row.check_failures === 0 && row.status === 'unverified') return resting('idle', since);
  const waiting = {
    ...resting('retrying', since),
    next_attempt_at: row.check_due_at?.getTime() ?? null,
    error: row.last_error,
  };
  if (row.status === 'unverified') return waiting;
  return { ...waiting, state: 'blocked', fix: row.findings.failures[0]?.fix ?? CREDENTIALS_FIX };
}
