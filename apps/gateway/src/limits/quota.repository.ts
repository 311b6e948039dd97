import { Injectable } from '@nestjs/common';
import { Database } from '@signalbox/persistence';
import { SPARE_DIVISOR, type LeaseRequest, type QuotaRow } from './lease.rules.js';

export interface LeaseReply extends QuotaRow {
  readonly granted: number;
}

/** `bigint` columns are strings. */
interface Row {
  key_id: string;
  window_start: Date;
  leased: string;
  used: string;
  granted: string;
}

const PREPARE = `
  INSERT INTO quota (window_start, key_id)
  SELECT * FROM unnest($1::timestamptz[], $2::text[]) AS asked (window_start, key_id)
  ORDER BY key_id, window_start
  ON CONFLICT DO NOTHING`;

/**
 * `lease` of lease.rules.ts for many keys. The rows are locked first, in one order for all processes, so that each row is computed
 * from its last version and no two processes wait for each other.
 */
const LEASE = `
  WITH asked AS (
    SELECT * FROM unnest(
      $1::timestamptz[], $2::text[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[], $8::bigint[]
    ) AS asked (window_start, key_id, quota, reported, returned, owed, needed, spare)
  ), locked AS MATERIALIZED (
    SELECT row.window_start, row.key_id, row.leased, row.used
    FROM quota AS row JOIN asked USING (window_start, key_id)
    ORDER BY key_id, window_start
    FOR UPDATE OF row
  ), counted AS (
    SELECT *, greatest(locked.leased - returned, 0) + owed AS before
    FROM locked JOIN asked USING (window_start, key_id)
  ), judged AS (
    SELECT *, greatest(quota - before, 0) AS free FROM counted
  ), granted AS (
    SELECT *, least(free, needed + least(spare, greatest(free - needed, 0) / $9::bigint)) AS granted FROM judged
  ), changed AS (
    UPDATE quota AS row
    SET leased = before + granted.granted, used = least(granted.used + reported, before + granted.granted)
    FROM granted
    WHERE row.window_start = granted.window_start AND row.key_id = granted.key_id
    RETURNING row.window_start, row.key_id, row.leased, row.used, granted.granted
  )
  SELECT * FROM changed`;

/** The counter store: one row for each key and hour. */
@Injectable()
export class QuotaRepository {
  constructor(private readonly database: Database) {}

  /** Makes the rows that are missing. */
  async prepare(keys: readonly Pick<QuotaRow, 'keyId' | 'windowStart'>[]): Promise<void> {
    await this.query(PREPARE, [keys.map(startOf), keys.map(({ keyId }) => keyId)]);
  }

  /** Reports and leases, each key atomically. A key whose row is missing has no reply. */
  async lease(requests: readonly LeaseRequest[]): Promise<LeaseReply[]> {
    const column = (of: keyof LeaseRequest): unknown[] => requests.map((request) => request[of]);
    const rows = await this.query<Row>(LEASE, [
      requests.map(startOf),
      column('keyId'),
      column('limit'),
      column('used'),
      column('returned'),
      column('owed'),
      column('needed'),
      column('spare'),
      SPARE_DIVISOR,
    ]);
    return rows.map((row) => ({ ...quotaOf(row), granted: Number(row.granted) }));
  }

  async readAll(windowStart: number): Promise<QuotaRow[]> {
    const rows = await this.query<Row>('SELECT window_start, key_id, leased, used FROM quota WHERE window_start = $1', [
      new Date(windowStart),
    ]);
    return rows.map(quotaOf);
  }

  async deleteBefore(windowStart: number): Promise<void> {
    await this.query('DELETE FROM quota WHERE window_start < $1', [new Date(windowStart)]);
  }

  private query<Result>(sql: string, parameters: unknown[]): Promise<Result[]> {
    return this.database.dataSource.query<Result[]>(sql, parameters);
  }
}

const startOf = ({ windowStart }: { windowStart: number }): string => new Date(windowStart).toISOString();

const quotaOf = (row: Row): QuotaRow => ({
  keyId: row.key_id,
  windowStart: row.window_start.getTime(),
  leased: Number(row.leased),
  used: Number(row.used),
});
