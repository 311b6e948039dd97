import { Injectable } from '@nestjs/common';
import { Database } from '@signalbox/persistence';
import type { DatasourceRow } from '../store/datasource.row.js';
import { CHANGED_CHANNEL } from '../store/datasource-transaction.js';

/** A row that this process holds, and when it was read, by the clock of the database. */
export type HeldRow = DatasourceRow & { readonly read_at: Date };

const TAKE = `
  WITH free AS (
    SELECT id FROM datasource
    WHERE holder IS NULL OR holder NOT IN (SELECT id FROM sync_process WHERE expires_at > now())
    LIMIT $2 FOR UPDATE SKIP LOCKED
  ), taken AS (
    UPDATE datasource SET holder = $1, fence = fence + 1, is_changed = false
    FROM free WHERE datasource.id = free.id RETURNING datasource.*
  ) SELECT *, now() AS read_at FROM taken`;

const READ_CHANGED = `
  WITH changed AS (
    SELECT id FROM datasource WHERE holder = $1 AND is_changed ORDER BY id LIMIT $2 FOR UPDATE
  ), seen AS (
    UPDATE datasource SET is_changed = false FROM changed WHERE datasource.id = changed.id RETURNING datasource.*
  ) SELECT *, now() AS read_at FROM seen`;

const MARK_CHANGED = `
  WITH mine AS (
    SELECT id FROM datasource WHERE holder = $1 AND NOT is_changed ORDER BY id FOR UPDATE
  ) UPDATE datasource SET is_changed = true FROM mine WHERE datasource.id = mine.id`;

const FREE = `
  WITH mine AS (
    SELECT id FROM datasource WHERE id = ANY($2) AND holder = $1 ORDER BY id FOR UPDATE
  ), freed AS (
    UPDATE datasource SET holder = NULL FROM mine WHERE datasource.id = mine.id RETURNING 1
  ) SELECT pg_notify('${CHANGED_CHANNEL}', '') FROM freed LIMIT 1`;

const REMOVE_GONE = `
  WITH gone AS (
    DELETE FROM datasource WHERE id = ANY($2) AND holder = $1 AND is_deleting AND NOT (connection = 'direct' AND was_active)
    RETURNING id
  ) SELECT id FROM gone`;

const COUNT = `
  SELECT (SELECT count(*) FROM sync_process WHERE expires_at > now())::int AS processes,
    count(*)::int AS datasources,
    (count(*) FILTER (WHERE holder IS NULL OR holder NOT IN (SELECT id FROM sync_process WHERE expires_at > now())))::int AS free
  FROM datasource`;

/** Which process holds which datasource. A process holds what its row in `sync_process` is valid for. */
@Injectable()
export class LeaseRepository {
  constructor(private readonly database: Database) {}

  async count(): Promise<{ processes: number; datasources: number; free: number }> {
    const [row] = await this.query<{ processes: number; datasources: number; free: number }>(COUNT);
    return row ?? { processes: 0, datasources: 0, free: 0 };
  }

  /** Takes free ones, each with a new fence. */
  take(process: string, limit: number): Promise<HeldRow[]> {
    return this.query(TAKE, [process, limit]);
  }

  /** Those of the held ones that others have changed since they were read. */
  readChanged(process: string, limit: number): Promise<HeldRow[]> {
    return this.query(READ_CHANGED, [process, limit]);
  }

  /** Lets all that the process holds be read again. */
  async markChanged(process: string): Promise<void> {
    await this.query(MARK_CHANGED, [process]);
  }

  /** The work on these has ended: others may take them. Those that were deleted are removed: see `isGone`. */
  async free(process: string, ids: readonly string[]): Promise<void> {
    if (ids.length === 0) return;
    const gone = new Set((await this.query<{ id: string }>(REMOVE_GONE, [process, ids])).map(({ id }) => id));
    await this.query(FREE, [process, ids.filter((id) => !gone.has(id))]);
  }

  private query<Row extends object>(sql: string, parameters: unknown[] = []): Promise<Row[]> {
    return this.database.dataSource.query<Row[]>(sql, parameters);
  }
}
