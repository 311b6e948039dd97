import { systemClock, type Clock } from '@signalbox/platform';
import { eventually, testDatabase, type TestDatabase } from '@signalbox/testing';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { StreamRelay, type Database, type StreamChange, type StreamRelayOptions } from '../src/index.js';
import { appendToOutbox } from '../src/outbox/outbox.js';
import { SCHEMA, STREAM, openSample, silent } from './support.js';

interface Published {
  readonly epoch: number;
  readonly seq: number;
  readonly changes: StreamChange[];
}

/** A relay and the calls it made. */
class Subject {
  readonly owned: { epoch: number; seq: number; entries: (readonly [string, unknown])[] }[] = [];
  readonly published: Published[] = [];
  lost = 0;
  readonly relay: StreamRelay;

  constructor(url: string, options: Partial<StreamRelayOptions> = {}) {
    this.relay = new StreamRelay({
      url,
      schema: SCHEMA,
      stream: STREAM,
      logger: silent,
      clock: systemClock,
      load: async (query) => {
        const rows = await query<{ key: string; size: number }>('SELECT key, size FROM thing ORDER BY key');
        return rows.map(({ key, size }) => [key, { size }] as const);
      },
      onOwned: ({ epoch, seq, entries }) => void this.owned.push({ epoch, seq, entries: [...entries] }),
      publish: async (delta) => void this.published.push(delta),
      onLost: () => void (this.lost += 1),
      ...options,
    });
    subjects.push(this);
    this.relay.start();
  }

  /** Whether it owns the stream now. */
  get owns(): boolean {
    return this.owned.length > this.lost;
  }
}

let server: TestDatabase;
let database: Database;
const subjects: Subject[] = [];

beforeEach(async () => {
  server = await testDatabase();
  database = await openSample(server.url);
});
afterEach(async () => {
  await Promise.all(subjects.splice(0).map(({ relay }) => relay.stop()));
  await database.close();
  await server.remove();
});

async function write(key: string, size: number): Promise<number> {
  const { seq } = await database.streamTransaction(STREAM, async (transaction) => {
    await transaction.manager.query(
      'INSERT INTO thing VALUES ($1, $2) ON CONFLICT (key) DO UPDATE SET size = excluded.size',
      [key, size],
    );
    transaction.put(key, { size });
  });
  return seq!;
}

const outbox = (): Promise<unknown[]> => database.dataSource.query('SELECT seq FROM outbox');

/** Sessions of relays of this test's own database. */
const OF_RELAYS = "datname = current_database() AND application_name = 'things relay'";

const killRelaySessions = (): Promise<unknown> =>
  database.dataSource.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE ${OF_RELAYS}`);

const relaySessions = (): Promise<{ wait_event_type: string | null }[]> =>
  database.dataSource.query(`SELECT wait_event_type FROM pg_stat_activity WHERE ${OF_RELAYS}`);

test('takes the stream over with all that was written, then publishes each change in order and empties the outbox', async () => {
  await write('a', 1);
  await write('b', 2);
  const before = Date.now();
  const subject = new Subject(server.url);
  await eventually(() => subject.owns);
  const [owned] = subject.owned;
  expect(owned).toMatchObject({
    seq: 2,
    entries: [
      ['a', { size: 1 }],
      ['b', { size: 2 }],
    ],
  });
  expect(owned!.epoch).toBeGreaterThanOrEqual(before);
  expect(await outbox()).toEqual([]);

  await Promise.all(Array.from({ length: 250 }, (_, index) => write(`k${index}`, index)));
  await eventually(() => subject.published.length === 250);
  expect(subject.published.map(({ seq }) => seq)).toEqual(Array.from({ length: 250 }, (_, index) => index + 3));
  expect(new Set(subject.published.map(({ epoch }) => epoch))).toEqual(new Set([owned!.epoch]));
  expect(subject.published[0]!.changes).toEqual([
    { key: expect.stringMatching(/^k\d+$/), value: { size: expect.any(Number) } },
  ]);
  await eventually(async () => (await outbox()).length === 0);
});

test('is woken by the commit and not by its poll', async () => {
  let polls = 0;
  const neverPolls: Clock['schedule'] = (delayMs, ...timer) => {
    if (delayMs !== 1_000) return systemClock.schedule(delayMs, ...timer);
    polls += 1;
    return () => undefined;
  };
  const subject = new Subject(server.url, { clock: { ...systemClock, schedule: neverPolls } });
  await eventually(() => polls > 0);
  await write('a', 1);
  await eventually(() => subject.published.length > 0);
  expect(subject.published).toMatchObject([{ seq: 1, changes: [{ key: 'a', value: { size: 1 } }] }]);
});

test('keeps the row and its place in order when a publish fails', async () => {
  const attempts: number[] = [];
  const confirmed: number[] = [];
  const subject = new Subject(server.url, {
    publish: async ({ seq }) => {
      attempts.push(seq);
      if (seq === 2 && attempts.filter((attempt) => attempt === 2).length < 3) throw new Error('no confirm');
      confirmed.push(seq);
    },
  });
  await eventually(() => subject.owns);
  for (const key of ['a', 'b', 'c']) await write(key, 1);
  await eventually(() => confirmed.length === 3);
  expect(confirmed).toEqual([1, 2, 3]);
  expect(attempts.filter((seq) => seq === 2)).toHaveLength(3);
  expect(subject.owned).toHaveLength(1);
  await eventually(async () => (await outbox()).length === 0);
});

test('lets one of two relays own the stream, and a relay continues with a higher epoch after the session of the owner is killed', async () => {
  const subjectsOfTwo = [new Subject(server.url), new Subject(server.url)];
  const total = (): number => subjectsOfTwo.reduce((sum, { owned }) => sum + owned.length, 0);
  await eventually(() => total() === 1);
  const first = subjectsOfTwo.find(({ owns }) => owns)!;
  await write('a', 1);
  await eventually(() => first.published.length === 1);

  await killRelaySessions();
  await eventually(() => first.lost === 1);
  await write('b', 2);
  await eventually(() => total() === 2);
  const second = subjectsOfTwo.find(({ owns }) => owns)!;
  const epochs = subjectsOfTwo.flatMap(({ owned }) => owned.map(({ epoch }) => epoch)).toSorted((a, b) => a - b);
  expect(second.owned.at(-1)!.epoch).toBe(epochs[1]);
  expect(epochs[1]).toBeGreaterThan(epochs[0]!);

  const seq = await write('c', 3);
  await eventually(() => second.published.some((delta) => delta.seq === seq && delta.epoch === epochs[1]));
  expect(subjectsOfTwo.filter(({ owns }) => owns)).toHaveLength(1);
});

test('finishes the publish in flight when it is stopped, and lets another relay own the stream', async () => {
  let confirm: () => void = () => undefined;
  const stopped = new Subject(server.url, { publish: () => new Promise<void>((resolve) => (confirm = resolve)) });
  await eventually(() => stopped.owns);
  const idle = confirm;
  await write('a', 1);
  await eventually(() => confirm !== idle);
  let hasStopped = false;
  const stopping = stopped.relay.stop().then(() => (hasStopped = true));
  const next = new Subject(server.url);
  await eventually(async () => (await relaySessions()).length === 2);
  expect([hasStopped, next.owns]).toEqual([false, false]);
  confirm();
  await stopping;
  expect(await outbox()).toEqual([]);
  expect(stopped.lost).toBe(0);
  await eventually(() => next.owns);
  expect(next.owned[0]!.seq).toBe(1);
});

test('takes a higher epoch also after the database was restored from a backup', async () => {
  const before = new Subject(server.url);
  await eventually(() => before.owns);
  await write('a', 1);
  await eventually(() => before.published.length === 1);
  await before.relay.stop();
  await database.dataSource.query('UPDATE stream SET epoch = 0, seq = 0; DELETE FROM thing; DELETE FROM outbox');
  const after = new Subject(server.url);
  await eventually(() => after.owns);
  expect(after.owned[0]).toMatchObject({ seq: 0, entries: [] });
  expect(after.owned[0]!.epoch).toBeGreaterThan(before.owned[0]!.epoch);
});

test('waits at a take-over for the writer that holds a number, and loads what it wrote', async () => {
  let commit: () => void = () => undefined;
  const mayCommit = new Promise<void>((resolve) => (commit = resolve));
  let numbered = false;
  const writer = database.transaction(async (manager) => {
    // On a slow machine the relay may need longer to get here than a transaction may pause.
    await manager.query('SET LOCAL idle_in_transaction_session_timeout = 0');
    await manager.query("INSERT INTO thing VALUES ('slow', 9)");
    await appendToOutbox(manager, { channel: STREAM, payload: [{ key: 'slow', value: { size: 9 } }] });
    numbered = true;
    await mayCommit;
  });
  await eventually(() => numbered);
  const subject = new Subject(server.url);
  await eventually(async () => (await relaySessions()).some(({ wait_event_type }) => wait_event_type === 'Lock'));
  expect(subject.owns).toBe(false);
  commit();
  await writer;
  await eventually(() => subject.owns);
  expect(subject.owned[0]).toMatchObject({ seq: 1, entries: [['slow', { size: 9 }]] });
  expect(await outbox()).toEqual([]);
});
