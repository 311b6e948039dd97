import type { DatasourceRow } from '../store/datasource.row.js';
import type { Assignment } from '../work/assignment.js';

type Deciding = Pick<DatasourceRow, 'connection' | 'status' | 'paused_at' | 'is_deleting' | 'was_active'>;

/**
 * What a worker is to do for a datasource. Only one that is active and not paused is followed. A database that once was active has a slot,
 * for which it keeps WAL: it is watched, so that its disk is safe.
 */
export function taskOf({ connection, status, paused_at, is_deleting, was_active }: Deciding): Assignment['task'] {
  if (is_deleting) return 'release';
  if (status === 'active' && paused_at === null) return 'follow';
  return connection === 'direct' && was_active ? 'watch' : 'rest';
}
