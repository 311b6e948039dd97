import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { requireTestInfra } from './config.js';

/** A database of its own; `url` is the superuser's. */
export interface TestDatabase {
  url: string;
  name: string;
  /** Ends every connection to it and drops it. */
  remove(): Promise<void>;
}

/** Connections of this process to the server of this test run, kept for some seconds: each costs as much as making a database. */
let pool: pg.Pool | undefined;

/** Makes a fresh, empty database on the server of this test run. */
export async function testDatabase(): Promise<TestDatabase> {
  const { superuserUrl } = requireTestInfra().postgres;
  pool ??= makePool(superuserUrl);
  const run = async (statement: string): Promise<void> => void (await pool!.query(statement));
  const name = `test_${randomBytes(6).toString('hex')}`;
  // Copying the files costs a third of copying by the write-ahead log, which is there for larger servers than this one.
  await run(`CREATE DATABASE ${name} TEMPLATE template0 STRATEGY file_copy`);
  const url = new URL(superuserUrl);
  url.pathname = `/${name}`;
  return { url: url.href, name, remove: () => run(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`) };
}

function makePool(connectionString: string): pg.Pool {
  const made = new pg.Pool({ connectionString, max: 3, allowExitOnIdle: true });
  // The server of the run may stop before the idle connections of this process are closed.
  made.on('error', () => undefined);
  return made;
}
