// @ts-check
import { mkdtempSync, rmSync } from 'node:fs';
import { chmod } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startPostgres } from '@signalbox/local-infra';
import pg from 'pg';

export const PUBLICATION = 'signalbox_publication';
const PER_TRANSACTION = 1_000;

/** @typedef {{ port: number, password: string, user: string, url: string, database: pg.Client, close: () => Promise<void> }} Source */

/** A Postgres of its own with a published table of eight columns. @returns {Promise<Source>} */
export async function startSource() {
  const home = mkdtempSync(join(tmpdir(), 'signalbox-bench-'));
  await chmod(home, 0o711);
  const password = 'bench';
  const server = await startPostgres({
    home,
    logFile: join(home, 'postgres.log'),
    superuserPassword: password,
    settings: { fsync: 'off', max_replication_slots: '40', max_wal_senders: '10', max_wal_size: '4GB' },
  });
  const url = server.superuserUrl();
  const database = new pg.Client({ connectionString: url });
  await database.connect();
  await database.query(`CREATE TABLE orders (id int8 PRIMARY KEY, customer uuid, amount numeric(12, 2), paid bool, note text,
    items jsonb, created timestamptz, quantity int); CREATE PUBLICATION ${PUBLICATION} FOR TABLES IN SCHEMA public`);
  const close = async () => {
    await database.end();
    await server.stop();
    rmSync(home, { recursive: true, force: true });
  };
  return { port: server.port, password, user: new URL(url).username, url, database, close };
}

/** Inserts rows, and updates each once. @param {pg.Client} database @param {number} changes @param {number} [first] the id of the first row */
export async function writeChanges(database, changes, first = 0) {
  for (let id = first; id < first + changes / 2; id += PER_TRANSACTION) {
    const last = id + PER_TRANSACTION - 1;
    await database.query(`INSERT INTO orders SELECT i, gen_random_uuid(), i * 1.01, i % 2 = 0, 'a note of some length ' || i,
      jsonb_build_object('sku', i, 'tags', jsonb_build_array('a', 'b')), now(), i % 100
      FROM generate_series(${id}, ${last}) i`);
    await database.query(`UPDATE orders SET quantity = quantity + 1 WHERE id BETWEEN ${id} AND ${last}`);
  }
}
