import { createHash } from 'node:crypto';
import { escapeIdentifier, Query, type Client, type QueryArrayConfig } from 'pg';
import type { OutgoingChange } from '../../work/follower.js';
import { SourceProblem } from '../connect/source-problem.js';
import { Relation } from '../wal/relation.js';
import { encoderOf } from '../wal/values.js';
import type { PublishedTable } from './published-tables.js';

export interface ReadOptions {
  readonly datasource: string;
  readonly schema: string;
  readonly generation: number;
  readonly lsn: string;
  /** See the position. */
  readonly attempt: number;
}

/** Rows of one query. Fewer are asked for where rows are large. */
const PAGE = 1_000;

/** Reads the rows of one table, in the order of its key. */
export class TableReader {
  private readonly relation: Relation;
  /** Places of the key among the columns. */
  private readonly keyAt: readonly number[];
  private readonly names: string;
  private readonly from: string;
  private row = 0;

  constructor(
    private readonly table: PublishedTable,
    private readonly options: ReadOptions,
  ) {
    const { datasource, schema } = options;
    const columns = table.columns.map(({ name, oid, type }) => ({
      name,
      isKey: table.key.includes(name),
      encode: encoderOf(oid, type),
    }));
    this.relation = new Relation({ datasource, schema, table: table.name, columns });
    this.names = columns.map(({ name }) => escapeIdentifier(name)).join(', ');
    // ONLY: rows of a table that inherits from it are of that table.
    this.from = `${table.isPartitioned ? '' : 'ONLY '}${table.quoted}`;
    this.keyAt = table.key.map((name) => columns.findIndex((column) => column.name === name));
  }

  /** @throws where the table may not be read, or is not as it was looked up */
  async tryRead(client: Client): Promise<void> {
    await client.query(`SELECT ${this.names} FROM ${this.from} LIMIT 0`);
  }

  /** What a table begins with: consumers that have an older copy empty it. */
  truncation(): OutgoingChange {
    return this.change(
      'truncate',
      `${this.table.oid}.${this.options.attempt}`,
      '"key":null,"before":null,"after":null',
    );
  }

  /**
   * One query for the rows after a key. A table without a key is read by one query, as long as it is.
   * @returns the key of the last row; null: there are no more
   * @throws SourceProblem where the server gives the same rows for ever
   */
  async page(
    client: Client,
    after: readonly string[] | null,
    onRow: (change: OutgoingChange, key: string[] | null) => void,
  ): Promise<string[] | null> {
    const { key, filter } = this.table;
    const keys = key.map((name) => escapeIdentifier(name)).join(', ');
    const isKeyed = key.length > 0;
    const conditions = [
      ...(filter === null ? [] : [`(${filter})`]),
      ...(after === null ? [] : [`(${keys}) > (${after.map((_, index) => `$${index + 1}`).join(', ')})`]),
    ];
    const where = conditions.length === 0 ? '' : ` WHERE ${conditions.join(' AND ')}`;
    const text = `SELECT ${this.names} FROM ${this.from}${where}${isKeyed ? ` ORDER BY ${keys} LIMIT ${PAGE}` : ''}`;
    let last: string[] | null = null;
    let count = 0;
    await streamRows(client, { text, values: [...(after ?? [])] }, (row) => {
      count += 1;
      last = isKeyed ? this.keyAt.map((at) => row[at] ?? '') : null;
      onRow(this.read(row, last), last);
    });
    if (count < PAGE) return null;
    if (after !== null && JSON.stringify(last) === JSON.stringify(after)) throw notOrdered(this.table.name);
    return last;
  }

  private read(row: readonly (string | null)[], key: readonly string[] | null): OutgoingChange {
    const cells = row.map((text, index) => (text === null ? 'null' : this.relation.columns[index]!.encode(text)));
    const rest = `"key":${this.relation.key(cells)},"before":null,"after":${this.relation.row(cells)}`;
    // A consumer that empties the table must not take the rows that follow for ones that it has.
    const name = `${this.options.attempt}.${key === null ? this.row++ : hashOf(key)}`;
    return this.change('read', `${this.table.oid}.${name}`, rest);
  }

  private change(op: 'read' | 'truncate', n: string, rest: string): OutgoingChange {
    const { datasource, generation, lsn } = this.options;
    const id = `${datasource}:${lsn}:${generation}.${n}`;
    return {
      id,
      key: this.relation.keyOf(op),
      body: this.relation.body(op, id, `,"lsn":"${lsn}","committed_at":null,${rest}`),
    };
  }
}

const notOrdered = (table: string): SourceProblem =>
  new SourceProblem('blocked', 'key_not_ordered', {
    item: 'replica_identity',
    message: `The rows of ${table} after a key end at that key: the table cannot be read in the order of its key.`,
    fix: 'REINDEX the index of its replica identity, or take the table out of the publication.',
  });

const hashOf = (key: readonly string[]): string =>
  createHash('sha256').update(JSON.stringify(key)).digest('base64url').slice(0, 22);

/** Rows as they arrive, so that a page of large rows is never in memory as a whole. */
function streamRows(
  client: Client,
  { text, values }: { text: string; values: string[] },
  onRow: (row: (string | null)[]) => void,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const config: QueryArrayConfig<string[]> = { text, values, rowMode: 'array' };
    const query = new Query<(string | null)[]>(config);
    query.on('row', (row) => onRow(row as (string | null)[]));
    query.on('error', reject);
    query.on('end', () => resolve());
    client.query(query);
  });
}
