import { datasourcesStream } from '@signalbox/contracts/streams';
import type { StreamTransaction } from '@signalbox/persistence';
import { appendAttempts, type NewAttempt } from './attempts.js';
import type { DatasourceRow } from './datasource.row.js';
import { entryOf } from './entry.js';
import { storableJson } from './storable-json.rules.js';

/** Wakes the processes that hold datasources; every process listens to it. */
export const CHANGED_CHANNEL = 'datasource-sync changed';

/** The columns that an update writes: not the lease, which only `leases/` writes, and not the position, which followers write. */
const WRITTEN = [
  'settings',
  'sealed',
  'metadata',
  'version',
  'assignment_version',
  'generation',
  'paused_at',
  'is_deleting',
  'deleted_at',
  'status',
  'was_active',
  'refusals',
  'refused_since',
  'retry_count',
  'last_error',
  'checking',
  'check_due_at',
  'checked_at',
  'check_failures',
  'findings',
  'follower',
  'progress',
] as const satisfies (keyof DatasourceRow)[];

const UPDATE = `
  UPDATE datasource SET ${WRITTEN.map((column) => `${column} = new.${column}`).join(', ')},
    is_changed = datasource.is_changed OR new.is_changed
  FROM json_populate_recordset(NULL::datasource, $1) AS new WHERE datasource.id = new.id`;

export type SameSource = Pick<DatasourceRow, 'account' | 'mode' | 'connection' | 'identity'>;

/** Changes datasources: what it writes to the table it also puts into the stream, in the same transaction. */
export class DatasourceTransaction {
  constructor(private readonly stream: StreamTransaction) {}

  /** Waits for other transactions that register datasources of this account, and keeps them waiting until this one ends. */
  lockAccount(account: string): Promise<void> {
    return this.stream.lock(`datasources of ${account}`);
  }

  /** Reads and locks what there is of these, in the order of their ids, also what is being deleted. */
  async take(ids: readonly string[]): Promise<DatasourceRow[]> {
    return this.query('SELECT * FROM datasource WHERE id = ANY($1) ORDER BY id FOR UPDATE', [ids]);
  }

  async takeSame({ account, mode, connection, identity }: SameSource): Promise<DatasourceRow | undefined> {
    const [row] = await this.query<DatasourceRow>(
      `SELECT * FROM datasource WHERE account = $1 AND mode = $2 AND connection = $3 AND identity = $4 AND NOT is_deleting
       FOR UPDATE`,
      [account, mode, connection, identity],
    );
    return row;
  }

  /** Also of what is being deleted: it costs work until it is gone. */
  async countOf(account: string): Promise<number> {
    const [row] = await this.query<{ count: number }>(
      'SELECT count(*)::int AS count FROM datasource WHERE account = $1',
      [account],
    );
    return row?.count ?? 0;
  }

  /** Of all accounts. Waits for other transactions that count so, and keeps them waiting until this one ends. */
  async countOfAll(): Promise<number> {
    await this.stream.lock('datasources of all accounts');
    const [row] = await this.query<{ count: number }>('SELECT count(*)::int AS count FROM datasource', []);
    return row?.count ?? 0;
  }

  /** By the clock of the database, which all processes share. */
  async now(): Promise<Date> {
    const [row] = await this.query<{ now: Date }>('SELECT now()');
    if (row === undefined) throw new Error('the database returned no time');
    return row.now;
  }

  async insert(row: DatasourceRow): Promise<void> {
    await this.query('INSERT INTO datasource SELECT * FROM json_populate_record(NULL::datasource, $1)', [
      storableJson(row),
    ]);
    await this.announce([row]);
  }

  /** Rows that `take` or `takeSame` returned, with changes. `is_changed`: their holder is to read them again. */
  async update(rows: readonly DatasourceRow[]): Promise<void> {
    if (rows.length === 0) return;
    await this.query(UPDATE, [storableJson(rows)]);
    await this.announce(rows);
  }

  /** Lets the next follower begin again. */
  async forgetPosition({ id }: Pick<DatasourceRow, 'id'>): Promise<void> {
    await this.query('UPDATE datasource SET position = NULL WHERE id = $1', [id]);
  }

  async remove({ id }: Pick<DatasourceRow, 'id'>): Promise<void> {
    await this.query('DELETE FROM datasource WHERE id = $1', [id]);
    this.stream.remove(datasourcesStream.entries.datasource.key(id));
  }

  async appendAttempts(attempts: readonly NewAttempt[]): Promise<void> {
    await appendAttempts((sql, parameters) => this.query(sql, parameters), attempts);
  }

  async query<Row extends object>(sql: string, parameters: readonly unknown[] = []): Promise<Row[]> {
    return this.stream.manager.query<Row[]>(sql, [...parameters]);
  }

  private async announce(rows: readonly DatasourceRow[]): Promise<void> {
    for (const row of rows) {
      const key = datasourcesStream.entries.datasource.key(row.id);
      if (row.is_deleting) this.stream.remove(key);
      else this.stream.put(key, entryOf(row));
    }
    if (rows.some((row) => row.is_changed)) await this.query(`SELECT pg_notify($1, '')`, [CHANGED_CHANNEL]);
  }
}
