import type { DatasourceSync, FollowerState } from '@signalbox/contracts/streams';
import { syncState } from '../work/sync-state.rules.js';
import type { DatasourceRow } from './datasource.row.js';

/** What is shown of a source that no worker has reported on. */
export const NOTHING_KNOWN: Omit<FollowerState, 'sync'> = {
  freshness: { newest_change_at: null, unknown_because: 'No change was published yet.', drained_at: null },
  position: null,
  stuck: null,
};

const CREDENTIALS_FIX = 'Register the datasource again with credentials that the source accepts.';

/** While it is paused its slot may have to be given up, which must be seen before it is resumed. */
function pausedSync(since: number, sync: DatasourceSync | undefined): DatasourceSync {
  const { snapshot = null, error = null, fix = null } = sync ?? {};
  return syncState(sync?.state === 'blocked' ? 'blocked' : 'paused', since, { snapshot, error, fix });
}

/** What is being done about the changes of the source: what its worker reports counts only while it is followed or paused. */
export function shownSync(row: DatasourceRow): DatasourceSync {
  if (row.paused_at !== null) return pausedSync(row.paused_at.getTime(), row.follower?.sync);
  const since = (row.checked_at ?? row.created_at).getTime();
  if (row.status === 'active') return row.follower?.sync ?? syncState('idle', since);
  if (row.check_failures === 0 && row.status === 'unverified') return syncState('idle', since);
  const waiting = { next_attempt_at: row.check_due_at?.getTime() ?? null, error: row.last_error };
  if (row.status === 'unverified') return syncState('retrying', since, waiting);
  return syncState('blocked', since, { ...waiting, fix: row.findings.failures[0]?.fix ?? CREDENTIALS_FIX });
}
