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

/** Makes a fresh, empty database on the server of this test run. */
export async function testDatabase(): Promise<TestDatabase> {
  const { superuserUrl } = requireTestInfra().postgres;
  const name = `test_${randomBytes(6).toString('hex')}`;
  await run(superuserUrl, `CREATE DATABASE ${name} TEMPLATE template0`);
  const url = new URL(superuserUrl);
  url.pathname = `/${name}`;
  return { url: url.href, name, remove: () => run(superuserUrl, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`) };
}

async function run(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
