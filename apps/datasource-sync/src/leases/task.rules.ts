import type { DatasourceRow } from '../store/datasource.row.js';
import type { Assignment } from '../work/assignment.js';

type Deciding = Pick<DatasourceRow, 'connection' | 'status' | 'paused_at' | 'is_deleting' | 'was_active'>;

/** A database that once was active has a slot, for which it keeps WAL. */
const mayHaveSlot = ({ connection, was_active }: Deciding): boolean => connection === 'direct' && was_active;

/** What a worker is to do for a datasource. Only one that is active and not paused is followed. What may have a slot is watched, so that its disk is safe. */
export function taskOf(row: Deciding): Assignment['task'] {
  if (row.is_deleting) return mayHaveSlot(row) ? 'release' : 'rest';
  if (row.status === 'active' && row.paused_at === null) return 'follow';
  return mayHaveSlot(row) ? 'watch' : 'rest';
}

/** Whether a datasource was deleted, and nothing is left to do for it. */
export const isGone = (row: Deciding): boolean => row.is_deleting && !mayHaveSlot(row);
