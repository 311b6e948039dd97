import { randomUUID } from 'node:crypto';
import { askedBy, auditOf } from '@signalbox/contracts/messages';
import { gatewayStream } from '@signalbox/contracts/streams';
import { openDatabase, type Database, type StreamChange } from '@signalbox/persistence';
import { createLogger } from '@signalbox/platform';
import { testDatabase, type TestDatabase } from '@signalbox/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { entities, migrations } from '../src/database/data-source.js';
import type { SessionRow } from '../src/sessions/persistence/session.entity.js';
import { SessionRepository } from '../src/sessions/persistence/session.repository.js';
import { generateSecret, hashSecret } from '../src/sessions/session-secret.js';

const NOW = Date.now();
const BOUNDS = { inAll: 5, ofOnePerson: 2 };
const { key } = gatewayStream.entries.session;

const BY = askedBy.parse({ key_id: 'key', request_id: 'req_1', address: '127.0.0.1' });
const AUDIT = auditOf(BY, { at: 0, action: 'start-session', resource: 'session' });

describe('SessionRepository', () => {
  let server: TestDatabase;
  let database: Database;
  let sessions: SessionRepository;
  beforeAll(async () => {
    server = await testDatabase();
    database = await openDatabase({
      url: server.url,
      schema: 'gateway',
      entities,
      migrations,
      applicationName: 'test',
      logger: createLogger({ name: 'test', level: 'silent' }),
      poolSize: 5,
    });
    sessions = new SessionRepository(database);
  });
  beforeEach(() => database.dataSource.query('TRUNCATE session, outbox'));
  afterAll(async () => {
    await database?.close();
    await server?.remove();
  });

  let made = 0;
  /** Each is newer than the one before. Times: seconds from now. */
  const row = (person: string, { expires = 1_000, idle = 100 } = {}): SessionRow => ({
    id: `session_${randomUUID()}`,
    sha256: hashSecret(generateSecret()),
    person,
    name: person,
    role: 'member',
    account: 'default',
    createdAt: new Date(NOW + made++),
    expiresAt: new Date(NOW + expires * 1_000),
    idleExpiresAt: new Date(NOW + idle * 1_000),
  });
  const add = async (person: string, times = {}): Promise<SessionRow> => {
    const added = row(person, times);
    expect(await sessions.add(added, BOUNDS, AUDIT)).toEqual({ seq: expect.any(Number) });
    return added;
  };
  const ids = async (): Promise<string[]> => (await sessions.list()).map(({ id }) => id);
  const lastDelta = async (): Promise<StreamChange[]> => {
    const [last] = await database.dataSource.query<{ changes: StreamChange[] }[]>(
      `SELECT changes FROM outbox WHERE stream = 'gateway' ORDER BY seq DESC LIMIT 1`,
    );
    return last!.changes;
  };
  const idleEnds = async (): Promise<Record<string, number>> =>
    Object.fromEntries(
      (await sessions.list()).map(({ id, idleExpiresAt }) => [id, (idleExpiresAt.getTime() - NOW) / 1_000]),
    );
  const renewal = ({ id }: SessionRow, idle: number) => ({ id, idleExpiresAt: new Date(NOW + idle * 1_000) });

  it('replaces the oldest session of a person who has too many, and adds none beyond the bound for all', async () => {
    const [first, second, third] = [await add('a'), await add('a'), await add('a')];
    expect(await ids()).toEqual([third.id, second.id]);
    expect(await lastDelta()).toEqual([
      { key: key(first.id), value: null },
      { key: key(third.id), value: expect.objectContaining({ id: third.id, expires_at: NOW + 1_000_000 }) },
    ]);
    for (const person of ['b', 'c', 'd']) await add(person);
    expect(await sessions.add(row('e'), BOUNDS, AUDIT)).toBeUndefined();
    expect(await ids()).toHaveLength(5);
    await add('a');
  });

  it('keeps to the bound for one person when several sessions are added at once', async () => {
    await Promise.all(Array.from({ length: 5 }, () => add('a')));
    expect(await ids()).toHaveLength(2);
  });

  it('makes idle ends later, never earlier, and not later than the absolute end', async () => {
    const [one, two, three] = [await add('a'), await add('b'), await add('c', { expires: 150 })];
    await sessions.renew([renewal(one, 200), renewal(two, 50), renewal(three, 200), renewal(row('gone'), 200)]);
    expect(await idleEnds()).toEqual({ [one.id]: 200, [two.id]: 100, [three.id]: 150 });
    expect((await lastDelta()).find((change) => change.key === key(one.id))?.value).toMatchObject({
      idle_expires_at: NOW + 200_000,
    });
  });

  it('deletes what has expired, and nothing else', async () => {
    const [old, idle, live] = [await add('a', { expires: 10 }), await add('b', { idle: 10 }), await add('c')];
    await sessions.deleteExpired(new Date(NOW + 10_000));
    expect(await ids()).toEqual([live.id]);
    expect(new Map((await lastDelta()).map((change) => [change.key, change.value]))).toEqual(
      new Map([
        [key(old.id), null],
        [key(idle.id), null],
      ]),
    );
    expect([await sessions.end(old.id, AUDIT), await sessions.end(live.id, AUDIT)]).toEqual([
      undefined,
      { seq: expect.any(Number) },
    ]);
    expect(await ids()).toEqual([]);
  });
});
