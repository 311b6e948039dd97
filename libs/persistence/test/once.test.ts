import { connect, createServer, type AddressInfo, type Server } from 'node:net';
import { eventually, testDatabase, type TestDatabase } from '@signalbox/testing';
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createInboxTable, dropInboxTable, OutcomeUnknown, type Database } from '../src/index.js';
import { deleteOldMessages } from '../src/inbox.js';
import { CreateThings1700000000000, openSample, STREAM } from './support.js';

class CreateInbox1700000000001 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await createInboxTable(runner);
    // No key: an effect that happened twice must be seen twice.
    await runner.query('CREATE TABLE effect (id text NOT NULL)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE effect');
    await dropInboxTable(runner);
  }
}

const migrations = [CreateThings1700000000000, CreateInbox1700000000001];

/** What happens to the next COMMIT: its answer is lost, or the COMMIT itself. */
type Fault = 'answer lost' | 'commit lost';

/** A proxy to the database that breaks the connection at a commit. */
class CommitBreaker {
  fault: Fault | undefined;

  private constructor(
    private readonly server: Server,
    readonly url: string,
  ) {}

  static async to(target: string): Promise<CommitBreaker> {
    const { hostname, port } = new URL(target);
    const server = createServer((socket) => {
      const upstream = connect(Number(port), hostname);
      socket.on('data', (chunk) => {
        const { fault } = breaker;
        if (fault === undefined || !chunk.includes('COMMIT')) return upstream.write(chunk);
        breaker.fault = undefined;
        if (fault === 'commit lost') return socket.destroy();
        upstream.removeAllListeners('data');
        upstream.once('data', () => socket.destroy());
        return upstream.write(chunk);
      });
      upstream.on('data', (chunk) => socket.write(chunk));
      for (const [from, to] of [
        [socket, upstream],
        [upstream, socket],
      ] as const) {
        from.on('error', () => undefined).on('close', () => to.destroy());
      }
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port: own } = server.address() as AddressInfo;
    const breaker = new CommitBreaker(server, Object.assign(new URL(target), { host: `127.0.0.1:${own}` }).href);
    return breaker;
  }

  async close(): Promise<void> {
    await new Promise((resolve) => this.server.close(resolve));
  }
}

describe('handling a message once', () => {
  let server: TestDatabase;
  let proxy: CommitBreaker;
  let database: Database;

  beforeEach(async () => {
    server = await testDatabase();
    proxy = await CommitBreaker.to(server.url);
    database = await openSample(proxy.url, { migrations, poolSize: 5 });
  });
  afterEach(async () => {
    await database.close();
    await proxy.close();
    await server.remove();
  });

  let made = 0;
  const act = (messageId: string, consumer = 'orders') =>
    database.once({ consumer, messageId, stream: STREAM }, async (transaction) => {
      await transaction.manager.query('INSERT INTO effect VALUES ($1)', [messageId]);
      made += 1;
      transaction.put(messageId, { made });
      return { number: made };
    });
  const effects = async (): Promise<string[]> =>
    (await database.dataSource.query<{ id: string }[]>('SELECT id FROM effect ORDER BY id')).map(({ id }) => id);
  const deltas = async (): Promise<number> =>
    Number((await database.dataSource.query<{ count: string }[]>('SELECT count(*) FROM outbox'))[0]?.count);

  it('handles a message the first time and returns the same reply and number from then on', async () => {
    const first = await act('a');
    expect(first).toMatchObject({ seq: 1, replayed: false });
    expect(await act('a')).toEqual({ ...first, replayed: true });
    expect(await act('a', 'another consumer')).toMatchObject({ seq: 2, replayed: false });
    expect(await effects()).toEqual(['a', 'a']);
  });

  it('handles one of twenty simultaneous deliveries and returns the same reply for all', async () => {
    const outcomes = await Promise.all(Array.from({ length: 20 }, () => act('b')));
    expect(new Set(outcomes.map(({ reply, seq }) => JSON.stringify([reply, seq]))).size).toBe(1);
    expect(outcomes.filter(({ replayed }) => !replayed)).toHaveLength(1);
    expect([await effects(), await deltas()]).toEqual([['b'], 1]);
  });

  it('leaves no trace of a failed message, which may be delivered again', async () => {
    const failing = database.once({ consumer: 'orders', messageId: 'c', stream: STREAM }, async ({ manager }) => {
      await manager.query("INSERT INTO effect VALUES ('c')");
      throw new Error('refused');
    });
    await expect(failing).rejects.toThrow('refused');
    expect([await effects(), await deltas()]).toEqual([[], 0]);
    expect(await act('c')).toMatchObject({ replayed: false });
  });

  it('returns the outcome of a message and waits for a transaction that is handling it', async () => {
    const key = { consumer: 'orders', messageId: 'asked' };
    expect(await database.outcomeOf(key)).toBeUndefined();
    let finish = (): void => undefined;
    let isActing = false;
    const acting = database.once({ ...key, stream: STREAM }, async () => {
      isActing = true;
      await new Promise<void>((resolve) => (finish = resolve));
      return 'acted';
    });
    await eventually(() => isActing);
    const asked = database.outcomeOf(key);
    finish();
    await acting;
    expect(await asked).toEqual({ reply: 'acted', seq: undefined, replayed: true });
    expect(await database.outcomeOf({ ...key, messageId: 'other' })).toBeUndefined();
  });

  it('stores the reply to a message that changed no entry', async () => {
    const look = () => database.once({ consumer: 'orders', messageId: 'd', stream: STREAM }, async () => (made += 1));
    const { reply } = await look();
    expect(await look()).toEqual({ reply, seq: undefined, replayed: true });
  });

  it.each<[Fault, boolean]>([
    ['answer lost', true],
    ['commit lost', false],
  ])('finds out the outcome of a commit whose %s', async (fault, wasDone) => {
    proxy.fault = fault;
    await expect(act('e')).rejects.toBeInstanceOf(OutcomeUnknown);
    expect(await act('e')).toMatchObject({ replayed: wasDone });
    expect([await effects(), await deltas()]).toEqual([['e'], 1]);
  });

  it('deletes old rows and keeps the others', async () => {
    await act('f');
    expect(await deleteOldMessages(database.dataSource.manager, 60_000)).toBe(0);
    expect(await deleteOldMessages(database.dataSource.manager, -1_000)).toBe(1);
    expect(await act('f')).toMatchObject({ replayed: false });
  });
});
