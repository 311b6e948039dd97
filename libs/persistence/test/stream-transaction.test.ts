import { eventually, testDatabase, type TestDatabase } from '@signalbox/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Database, StreamChange } from '../src/index.js';
import { STREAM, openSample } from './support.js';

describe('a stream transaction', () => {
  let server: TestDatabase;
  let database: Database;

  beforeEach(async () => {
    server = await testDatabase();
    database = await openSample(server.url);
  });
  afterEach(async () => {
    await database.close();
    await server.remove();
  });

  const appended = async (): Promise<StreamChange[][]> =>
    (await database.dataSource.query<{ changes: StreamChange[] }[]>('SELECT changes FROM outbox ORDER BY seq')).map(
      ({ changes }) => changes,
    );
  const things = (): Promise<unknown> => database.dataSource.query('SELECT key, size FROM thing ORDER BY key');

  it('appends what it changed as one delta: the last change of a key, in the order of the first changes', async () => {
    const outcome = await database.streamTransaction(STREAM, async (transaction) => {
      await transaction.manager.query("INSERT INTO thing VALUES ('b', 2)");
      transaction.put('b', { size: 1 });
      transaction.put('a', { size: 1 });
      transaction.remove('c');
      transaction.put('b', { size: 2 });
      transaction.put('d', { size: 1 });
      transaction.remove('d');
      return 'done';
    });
    expect(outcome).toEqual({ result: 'done', seq: 1 });
    expect(await things()).toEqual([{ key: 'b', size: 2 }]);
    expect(await appended()).toEqual([
      [
        { key: 'b', value: { size: 2 } },
        { key: 'a', value: { size: 1 } },
        { key: 'c', value: null },
        { key: 'd', value: null },
      ],
    ]);
  });

  it('runs what follows its commit once it is committed, and not where it is rolled back', async () => {
    const ran: string[] = [];
    await database.streamTransaction(STREAM, async (transaction) => {
      transaction.afterCommit(() => ran.push('committed'));
      expect(ran).toEqual([]);
    });
    const failing = database.streamTransaction(STREAM, async (transaction) => {
      transaction.afterCommit(() => ran.push('rolled back'));
      throw new Error('refused');
    });
    await expect(failing).rejects.toThrow('refused');
    expect(ran).toEqual(['committed']);
  });

  it('appends nothing and takes no number where it changed no entry', async () => {
    const outcome = await database.streamTransaction(STREAM, async ({ manager }) => {
      await manager.query("INSERT INTO thing VALUES ('a', 1)");
    });
    expect(outcome).toEqual({ result: undefined, seq: undefined });
    expect(await things()).toEqual([{ key: 'a', size: 1 }]);
    expect(await appended()).toEqual([]);
    expect(await database.streamTransaction(STREAM, async (transaction) => transaction.remove('a'))).toMatchObject({
      seq: 1,
    });
  });

  it('leaves no trace of work that fails', async () => {
    const failing = database.streamTransaction(STREAM, async (transaction) => {
      await transaction.manager.query("INSERT INTO thing VALUES ('a', 1)");
      transaction.put('a', { size: 1 });
      throw new Error('refused');
    });
    await expect(failing).rejects.toThrow('refused');
    expect([await things(), await appended()]).toEqual([[], []]);
  });

  it('appends what it sends to another channel, also where it changes no entry, and only where it commits', async () => {
    await database.dataSource.query("INSERT INTO stream (name, epoch, seq) VALUES ('letters', 0, 0)");
    await database.streamTransaction(STREAM, async (transaction) => {
      transaction.send('letters', { to: 'a' });
      transaction.put('a', { size: 1 });
      transaction.send('letters', { to: 'b' });
    });
    expect(await database.streamTransaction(STREAM, async (each) => each.send('letters', { to: 'c' }))).toEqual({
      result: undefined,
      seq: undefined,
    });
    const failing = database.streamTransaction(STREAM, async (transaction) => {
      transaction.send('letters', { to: 'd' });
      throw new Error('refused');
    });
    await expect(failing).rejects.toThrow('refused');
    expect(
      await database.dataSource.query('SELECT stream, seq::int, changes FROM outbox ORDER BY stream, seq'),
    ).toEqual([
      { stream: 'letters', seq: 1, changes: { to: 'a' } },
      { stream: 'letters', seq: 2, changes: { to: 'b' } },
      { stream: 'letters', seq: 3, changes: { to: 'c' } },
      { stream: STREAM, seq: 1, changes: [{ key: 'a', value: { size: 1 } }] },
    ]);
  });

  it('makes another one wait for the lock of the same name until it has committed', async () => {
    let finish = (): void => undefined;
    const mayFinish = new Promise<void>((resolve) => (finish = resolve));
    const order: string[] = [];
    const first = database.streamTransaction(STREAM, async (transaction) => {
      await transaction.lock('thing a');
      order.push('first');
      await mayFinish;
      await transaction.manager.query("INSERT INTO thing VALUES ('a', 1)");
    });
    await eventually(() => order.length === 1);
    const second = database.streamTransaction(STREAM, async (transaction) => {
      await transaction.lock('thing a');
      order.push('second');
      return transaction.manager.query('SELECT size FROM thing');
    });
    await database.streamTransaction(STREAM, async (transaction) => {
      await transaction.lock('thing b');
      order.push('another lock');
    });
    await eventually(async () => {
      const waiting = await database.dataSource.query<unknown[]>(
        "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'advisory'",
      );
      return waiting.length === 1;
    });
    finish();
    await first;
    expect((await second).result).toEqual([{ size: 1 }]);
    expect(order).toEqual(['first', 'another lock', 'second']);
  });
});
