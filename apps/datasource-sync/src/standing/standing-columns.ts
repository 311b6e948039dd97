import type { DatasourceRow } from '../store/datasource.row.js';
import type { Standing } from './standing.rules.js';

export type StandingColumns = Pick<
  DatasourceRow,
  'status' | 'refusals' | 'refused_since' | 'retry_count' | 'last_error'
>;

export const standingOf = (row: StandingColumns): Standing => ({
  status: row.status,
  refusals: row.refusals,
  refusedSince: row.refused_since?.getTime() ?? null,
  retryCount: row.retry_count,
  lastError: row.last_error,
});

export const standingColumns = (standing: Standing): StandingColumns => ({
  status: standing.status,
  refusals: standing.refusals,
  refused_since: standing.refusedSince === null ? null : new Date(standing.refusedSince),
  retry_count: standing.retryCount,
  last_error: standing.lastError,
});
