// @ts-check
import { randomBytes } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import pg from 'pg';

const TABLES = `
  CREATE TABLE accounts (id int PRIMARY KEY, owner text NOT NULL, balance numeric(20, 4) NOT NULL, opened timestamptz NOT NULL, tags text[]);
  CREATE TABLE orders (region text, nr bigint, amount double precision, paid boolean, details jsonb, PRIMARY KEY (region, nr));
  CREATE TABLE readings (sensor int, value numeric, raw bytea, at timestamp);
  ALTER TABLE readings REPLICA IDENTITY FULL;`;

/** Rows of each table as text that is equal for equal rows, whatever wrote it. */
const ROWS = {
  accounts: `SELECT jsonb_build_object('id', id, 'owner', owner, 'balance', balance::text, 'opened', (extract(epoch FROM opened) * 1000000)::bigint::text, 'tags', to_jsonb(tags)) FROM accounts`,
  orders: `SELECT jsonb_build_object('region', region, 'nr', nr::text, 'amount', amount, 'paid', paid, 'details', details) FROM orders`,
  readings: `SELECT jsonb_build_object('sensor', sensor, 'value', value::text, 'raw', encode(raw, 'base64'), 'at', at) FROM readings`,
};

/** A customer's database: three tables that a writer changes, one of them without a key. */
export class Source {
  /** Rows that committed transactions inserted, updated or deleted. */
  changes = 0;

  /** @param {import('@signalbox/testing').FaultyDatabase} server */
  constructor(server) {
    this.server = server;
    this.password = randomBytes(12).toString('base64url');
  }

  async prepare() {
    await this.#run(async (client) => {
      await client.query(TABLES);
      await client.query(`CREATE ROLE replicator LOGIN REPLICATION PASSWORD '${this.password}'`);
      await client.query('GRANT USAGE ON SCHEMA public TO replicator');
      await client.query('GRANT SELECT ON ALL TABLES IN SCHEMA public TO replicator');
      await client.query('CREATE PUBLICATION signalbox_publication FOR TABLE accounts, orders, readings');
      await client.query(
        "INSERT INTO readings SELECT n % 7, n / 3.0, decode(md5(n::text), 'hex'), '2026-01-01'::timestamp + n * interval '1 s' FROM generate_series(1, 500) n",
      );
      await client.query(this.#insertAccounts(1, 2_000));
    });
  }

  /** With the credentials of the replication role. */
  get connectionString() {
    return Object.assign(new URL(this.server.directUrl), { username: 'replicator', password: this.password }).href;
  }

  /**
   * Makes about so many changes of rows in transactions of some hundred, with one large transaction, a truncate and a new column in between.
   * @param {{ changes: number, onProgress: (share: number) => Promise<void> }} options
   */
  async write({ changes, onProgress }) {
    const once = [
      { at: 0.3, sql: this.#largeTransaction(Math.floor(changes / 5)), rows: Math.floor(changes / 5) },
      { at: 0.6, sql: 'ALTER TABLE accounts ADD COLUMN limit_of numeric DEFAULT 7', rows: 0 },
      { at: 0.7, sql: 'TRUNCATE orders', rows: 0 },
    ];
    for (let step = 0; this.changes < changes; step++) {
      const due = once[0];
      if (due && this.changes >= due.at * changes) {
        once.shift();
        await this.#commit([due.sql]);
        this.changes += due.rows;
      }
      this.changes += await this.#commit(this.#smallTransaction(step));
      await onProgress(Math.min(1, this.changes / changes));
    }
  }

  /** @returns {Promise<Record<string, Map<string, number>>>} how often each row stands in each table */
  async rows() {
    return this.#run(async (client) => {
      /** @type {Record<string, Map<string, number>>} */
      const found = {};
      for (const [table, sql] of Object.entries(ROWS)) {
        const counts = new Map();
        const { rows } = await client.query({ text: sql, rowMode: 'array' });
        for (const [row] of rows) {
          const text = canonical(row);
          counts.set(text, (counts.get(text) ?? 0) + 1);
        }
        found[table] = counts;
      }
      return found;
    });
  }

  #accounts = 2_000;

  /** @param {number} step */
  #smallTransaction(step) {
    const from = this.#accounts + 1;
    this.#accounts += 200;
    const some = 1 + ((step * 7_919) % Math.max(1, this.#accounts - 200));
    return [
      this.#insertAccounts(from, this.#accounts),
      `UPDATE accounts SET balance = balance + 1.5, tags = array_append(tags[1:4], 'x') WHERE id BETWEEN ${some} AND ${some + 99}`,
      `DELETE FROM accounts WHERE id BETWEEN ${some + 100} AND ${some + 149}`,
      `INSERT INTO orders SELECT 'eu', ${step}::bigint * 1000000007 + n, n / 7.0, n % 2 = 0, jsonb_build_object('n', n, 'text', repeat('ä', n % 9)) FROM generate_series(1, 100) n`,
      `UPDATE orders SET nr = -nr WHERE nr IN (${step}::bigint * 1000000007 + 1, ${step}::bigint * 1000000007 + 2)`,
      `INSERT INTO readings VALUES (${step % 50}, ${step}.25, '\\x00ff', '2026-02-02 03:04:05.678901'), (1, NULL, NULL, NULL)`,
      `DELETE FROM readings WHERE sensor = ${(step + 25) % 50} AND value < ${step - 40}`,
    ];
  }

  /** @param {number} rows */
  #largeTransaction(rows) {
    return `INSERT INTO orders SELECT 'us', n, n, NULL, '{"big": [1, 2, 3]}' FROM generate_series(1, ${rows}) n`;
  }

  /** @param {number} from @param {number} to */
  #insertAccounts(from, to) {
    return `INSERT INTO accounts (id, owner, balance, opened, tags) SELECT n, 'owner ' || n, n * 1.0001, '2026-01-01T00:00:00.000001Z'::timestamptz + n * interval '1.1 s', ARRAY['a', 'b "c"'] FROM generate_series(${from}, ${to}) n`;
  }

  /**
   * One transaction, again until it is known to be committed: a repetition of one that was finds its rows there and is left out.
   * @param {string[]} statements @returns {Promise<number>} rows
   */
  async #commit(statements) {
    for (let attempt = 0; ; attempt++) {
      try {
        return await this.#run(async (client) => {
          await client.query('BEGIN');
          let rows = 0;
          for (const sql of statements) rows += (await client.query(sql)).rowCount ?? 0;
          await client.query('COMMIT');
          return rows;
        });
      } catch (error) {
        // The server was killed in between: it may have committed.
        const code = /** @type {{ code?: string }} */ (error).code;
        if (code === '23505' || code === '42701') return 0;
        if (attempt > 600) throw error;
        await wait(100);
      }
    }
  }

  /** @template Result @param {(client: pg.Client) => Promise<Result>} work */
  async #run(work) {
    const client = new pg.Client({ connectionString: this.server.directUrl });
    client.on('error', () => undefined);
    await client.connect();
    try {
      return await work(client);
    } finally {
      await client.end().catch(() => undefined);
    }
  }
}

/** @param {unknown} value @returns {string} JSON with the members of objects in order */
export function canonical(value) {
  return JSON.stringify(value, (_, each) =>
    each !== null && typeof each === 'object' && !Array.isArray(each)
      ? Object.fromEntries(Object.entries(each).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : each,
  );
}
