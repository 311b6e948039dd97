import { testDatabase, type TestDatabase } from '@signalbox/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { takeEpoch, type Database } from '../src/index.js';
import { appendToOutbox } from '../src/outbox/outbox.js';
import { STREAM, openSample } from './support.js';

let server: TestDatabase;
let database: Database;

beforeAll(async () => {
  server = await testDatabase();
  database = await openSample(server.url);
});
afterAll(async () => {
  await database.close();
  await server.remove();
});

const WRITERS = 50;
const ROUNDS = 6;

test('numbers rows without gaps in commit order, with 50 writers of which some roll back', async () => {
  const rollsBack = (writer: number, round: number): boolean => (writer + round) % 5 === 0;
  const committed = new Map<number, string>();
  let writing = true;

  const writer = async (number: number): Promise<void> => {
    for (let round = 0; round < ROUNDS; round += 1) {
      const key = `${number}-${round}`;
      const transaction = database.transaction(async (manager) => {
        await manager.query('INSERT INTO thing VALUES ($1, $2)', [key, number]);
        const seq = await appendToOutbox(manager, { channel: STREAM, payload: [{ key, value: { size: number } }] });
        if (rollsBack(number, round)) throw new Error('rolled back');
        return seq;
      });
      const result = await transaction.catch((error: Error) => error);
      if (!(result instanceof Error)) committed.set(result, key);
      else if (result.message !== 'rolled back') throw result;
    }
  };

  // Whenever one looks, what is visible is 1..n: a later number is never seen before an earlier one.
  let looks = 0;
  const observer = async (): Promise<void> => {
    while (writing) {
      const rows = await database.dataSource.query<{ seq: string }[]>('SELECT seq FROM outbox ORDER BY seq');
      expect(rows.map(({ seq }) => Number(seq))).toEqual(rows.map((_, index) => index + 1));
      looks += 1;
    }
  };

  const observed = observer();
  await Promise.all(Array.from({ length: WRITERS }, (_, number) => writer(number))).finally(() => (writing = false));
  await observed;

  const expected = Array.from(
    { length: WRITERS * ROUNDS },
    (_, index) => [index % WRITERS, Math.floor(index / WRITERS)] as const,
  );
  const survivors = expected.filter(([number, round]) => !rollsBack(number, round)).length;
  const rows = await database.dataSource.query<{ seq: string; changes: [{ key: string }] }[]>(
    'SELECT seq, changes FROM outbox ORDER BY seq',
  );
  expect(rows.map(({ seq }) => Number(seq))).toEqual(Array.from({ length: survivors }, (_, index) => index + 1));
  expect(rows.every(({ seq, changes }) => committed.get(Number(seq)) === changes[0].key)).toBe(true);
  expect(looks).toBeGreaterThan(1);
});

test('fails and rolls back for a stream that no migration created', async () => {
  const failing = database.transaction(async (manager) => {
    await manager.query("INSERT INTO thing VALUES ('orphan', 1)");
    await appendToOutbox(manager, { channel: 'no-such-stream', payload: [] });
  });
  await expect(failing).rejects.toThrow('there is no stream "no-such-stream"');
  expect(await database.dataSource.query("SELECT 1 FROM thing WHERE key = 'orphan'")).toEqual([]);
});

test('takes an epoch above every earlier one and not below the time, also for a new stream', async () => {
  const query = <Row extends object>(sql: string, parameters?: unknown[]): Promise<Row[]> =>
    database.dataSource.query(sql, parameters);
  const take = async (nowMs: number): Promise<number> => (await takeEpoch(query, { stream: 'readers.0', nowMs })).epoch;
  expect(await take(1_700_000_000_000)).toBe(1_700_000_000_000);
  expect(await take(1_700_000_000_000)).toBe(1_700_000_000_001);
  expect(await take(1_699_999_000_000)).toBe(1_700_000_000_002);
  expect(await take(1_800_000_000_000.7)).toBe(1_800_000_000_000);
  await query("UPDATE stream SET epoch = 5 WHERE name = 'readers.0'");
  expect(await take(1_900_000_000_000)).toBe(1_900_000_000_000);
});

test('takes no epoch that lies further ahead of the clock than replicas follow', async () => {
  const query = <Row extends object>(sql: string, parameters?: unknown[]): Promise<Row[]> =>
    database.dataSource.query(sql, parameters);
  const take = (nowMs: number) => takeEpoch(query, { stream: 'ahead', nowMs });
  await take(1_800_000_000_000);
  await expect(take(1_799_900_000_000)).rejects.toThrow('correct the clock');
  expect((await take(1_799_990_000_000)).epoch).toBeGreaterThan(1_800_000_000_000);
});
