import { setTimeout as delay } from 'node:timers/promises';
import { ConfigError, systemClock, type Clock } from '@signalbox/platform';
import { collectLogs, eventually, testDatabase, type CollectedLogs, type TestDatabase } from '@signalbox/testing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Database } from '../src/index.js';
import { CONNECT_TIMEOUT_MS } from '../src/postgres/session.js';
import { DatabaseProxy, openSample } from './support.js';

let server: TestDatabase;
const opened: Database[] = [];

beforeAll(async () => {
  server = await testDatabase();
});
afterAll(() => server.remove());
afterEach(async () => {
  await Promise.all(opened.splice(0).map((database) => database.close()));
});

async function open(...parameters: Parameters<typeof openSample>): Promise<Database> {
  const database = await openSample(...parameters);
  opened.push(database);
  return database;
}

test('lets one of several simultaneous processes migrate, with all tables in the schema', async () => {
  const databases = await Promise.all([1, 2, 3, 4].map(() => open(server.url)));
  await open(server.url);
  const tables = await databases[0]!.dataSource.query<{ name: string }[]>(
    "SELECT table_schema || '.' || table_name AS name FROM information_schema.tables WHERE table_schema NOT IN ('pg_catalog', 'information_schema') ORDER BY 1",
  );
  expect(tables.map(({ name }) => name)).toEqual([
    'sample.migrations',
    'sample.outbox',
    'sample.stream',
    'sample.thing',
  ]);
  expect(await databases[0]!.dataSource.query('SELECT name FROM migrations')).toHaveLength(1);
});

/** The log lines about the availability of the database. */
const outages = (lines: CollectedLogs['lines']): unknown[] =>
  lines.map(({ msg }) => msg).filter((msg) => String(msg).startsWith('database '));

describe('an unavailable database', () => {
  let proxy: DatabaseProxy;
  beforeEach(async () => {
    proxy = await DatabaseProxy.to(server.url);
  });
  afterEach(() => proxy.close());

  test('is waited for, with one log line when it is unavailable and one when it is reached', async () => {
    const { logger, lines } = collectLogs();
    const opening = open(proxy.url, { logger });
    await eventually(() => lines.length > 0);
    await proxy.open();
    const database = await opening;
    expect(await database.dataSource.query('SELECT 1 AS one')).toEqual([{ one: 1 }]);
    expect(outages(lines)).toEqual(['database cannot be reached, retrying', 'database reached']);
  });

  test('is no longer waited for when the process is asked to stop', async () => {
    const { logger, lines } = collectLogs();
    const stop = new AbortController();
    const opening = open(proxy.url, { logger, signal: stop.signal });
    opening.catch(() => undefined);
    await eventually(() => lines.length > 0);
    stop.abort(new Error('asked to stop'));
    await expect(opening).rejects.toThrow('asked to stop');
  });

  test('shows in the status when it goes down and comes back, and queries work again', async () => {
    await proxy.open();
    const { logger, lines } = collectLogs();
    const impatient: Clock = {
      ...systemClock,
      schedule: (delayMs, run) => systemClock.schedule(delayMs === 5_000 ? 50 : delayMs, run),
    };
    const database = await open(proxy.url, { logger, clock: impatient });
    const { up, since } = database.status();
    expect(up).toBe(true);
    await proxy.close();
    await expect(database.transaction((manager) => manager.query('SELECT 1'))).rejects.toThrow(
      /ECONNREFUSED|terminated/,
    );
    await eventually(() => !database.status().up);
    expect(database.status().since).toBeGreaterThan(since);
    await proxy.open();
    await eventually(() => database.status().up);
    await database.transaction((manager) => manager.query('SELECT 1'));
    expect(outages(lines)).toEqual(['database does not answer', 'database answers again']);
  });
});

describe('a mistake in DATABASE_URL', () => {
  test('reports a wrong password without showing it', async () => {
    const url = Object.assign(new URL(server.url), { password: 'hunter2' }).href;
    const opening = open(url);
    await expect(opening).rejects.toBeInstanceOf(ConfigError);
    await expect(opening).rejects.toThrow(/refuses the user of DATABASE_URL: password authentication failed/);
    await expect(opening).rejects.not.toThrow('hunter2');
  });

  test('names a database that does not exist', async () => {
    const opening = open(Object.assign(new URL(server.url), { pathname: '/no_such_database' }).href);
    await expect(opening).rejects.toBeInstanceOf(ConfigError);
    await expect(opening).rejects.toThrow('database "no_such_database" does not exist');
  });

  test('names a schema that is missing and may not be created', async () => {
    const other = await testDatabase();
    const owner = await open(other.url);
    await owner.dataSource.query("DROP SCHEMA sample CASCADE; CREATE ROLE limited_test_user LOGIN PASSWORD 'limited'");
    try {
      const url = Object.assign(new URL(other.url), { username: 'limited_test_user', password: 'limited' }).href;
      const opening = open(url);
      await expect(opening).rejects.toBeInstanceOf(ConfigError);
      await expect(opening).rejects.toThrow(
        'The database has no schema "sample", and the user of DATABASE_URL may not create it.',
      );
    } finally {
      await owner.dataSource.query('DROP ROLE limited_test_user');
      await owner.close();
      await other.remove();
    }
  });
});

describe('a pool of which all connections are in use', () => {
  test('is waited for longer than a connection to the database may take to be made', async () => {
    const database = await open(server.url, { poolSize: 2 });
    let release: () => void = () => undefined;
    const released = new Promise<void>((resolve) => (release = resolve));
    let using = 0;
    const holders = [1, 2].map(() =>
      database.transaction(async () => {
        using += 1;
        await released;
      }),
    );
    await eventually(() => using === 2);
    const waiting = database.transaction((manager) => manager.query('SELECT 1 AS one'));
    waiting.catch(() => undefined);
    await delay(CONNECT_TIMEOUT_MS + 500);
    release();
    expect(await waiting).toEqual([{ one: 1 }]);
    await Promise.all(holders);
  });

  test('does not make the database count as down', async () => {
    const { logger, lines } = collectLogs();
    const pings: number[] = [];
    const hurried: Clock = {
      ...systemClock,
      schedule: (delayMs, run, options) => {
        if (delayMs === 5_000) pings.push(delayMs);
        return systemClock.schedule(delayMs === 5_000 ? 20 : delayMs, run, options);
      },
    };
    const database = await open(server.url, { poolSize: 1, logger, clock: hurried });
    await database.transaction(async () => {
      const before = pings.length;
      await eventually(() => pings.length > before + 3);
    });
    expect(database.status().up).toBe(true);
    expect(outages(lines)).toEqual([]);
  });
});

describe('the reserved connection', () => {
  test('is opened again after a loss, also of a connection that was idle', async () => {
    const proxy = await DatabaseProxy.to(server.url);
    await proxy.open();
    const database = await open(proxy.url);
    expect(await database.reserved.query('SELECT $1::integer AS one', [1])).toEqual([{ one: 1 }]);
    await proxy.close();
    await expect(database.reserved.query('SELECT 1')).rejects.toThrow(/ECONNREFUSED|terminated|closed/);
    await proxy.open();
    expect(await database.reserved.query('SELECT 2 AS two')).toEqual([{ two: 2 }]);
    await proxy.close();
  });
});

describe('transactions', () => {
  test('commit what resolves and roll back what rejects', async () => {
    const database = await open(server.url);
    await database.transaction((manager) => manager.query("INSERT INTO thing VALUES ('kept', 1)"));
    const failing = database.transaction(async (manager) => {
      await manager.query("INSERT INTO thing VALUES ('dropped', 1)");
      throw new Error('changed my mind');
    });
    await expect(failing).rejects.toThrow('changed my mind');
    expect(await database.dataSource.query('SELECT key FROM thing')).toEqual([{ key: 'kept' }]);
  });

  test('are waited for when the database is closed', async () => {
    const database = await openSample(server.url);
    let finish: () => void = () => undefined;
    const halfway = new Promise<void>((resolve) => (finish = resolve));
    let started: () => void = () => undefined;
    const running = new Promise<void>((resolve) => (started = resolve));
    const transaction = database.transaction(async (manager) => {
      await manager.query("INSERT INTO thing VALUES ('late', 1)");
      started();
      await halfway;
      await manager.query("UPDATE thing SET size = 2 WHERE key = 'late'");
    });
    await running;
    const closed = database.close();
    finish();
    await Promise.all([transaction, closed]);
    const reader = await open(server.url);
    expect(await reader.dataSource.query("SELECT size FROM thing WHERE key = 'late'")).toEqual([{ size: 2 }]);
  });
});
