import type { DatasourceEntry } from '@signalbox/contracts/streams';
import type { Database } from '@signalbox/persistence';
import { eventually } from '@signalbox/testing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Config } from '../src/config.js';
import { AttemptsQuery } from '../src/datasources/attempts.query.js';
import { SourceVault } from '../src/sources/source-vault.js';
import { entryOf } from '../src/store/entry.js';
import type { AttemptReport, CheckResult, FollowerReport } from '../src/work/follower.js';
import { Commands, DIRECT, ENDPOINT } from './support/commands.js';
import { asked, configOf, rowOf, SECRET_KEY, SyncInstance, TestStore } from './support/store.js';

let store: TestStore;
let database: Database;
let config: Config;
let commands: Commands;
let instance: SyncInstance;

beforeAll(async () => {
  store = await TestStore.start();
  database = await store.open();
  config = configOf(store.url);
});
afterAll(() => store.close());
beforeEach(async () => {
  await database.dataSource.query('DELETE FROM datasource');
  instance = new SyncInstance(database, config).start();
  commands = new Commands(database, config, instance.own);
});
afterEach(() => instance.stop());

const polling = (cursor: string, last_success_at = 1_000): FollowerReport => ({
  sync: { state: 'polling', since: 1, snapshot: null, next_attempt_at: null, error: null, fix: null },
  freshness: { newest_change_at: null, unknown_because: 'No event says when it was made.', drained_at: 2_000 },
  position: null,
  stuck: null,
  endpoint: { cursor, event_lag: 0, last_request_at: last_success_at, last_success_at },
});

const failed = (outcome: 'failed' | 'refused', code = 'http_500'): AttemptReport => ({
  kind: 'poll',
  outcome,
  duration_ms: 12,
  published: 0,
  error: { code, message: 'The endpoint answered 500.' },
});

async function entry(id: string): Promise<DatasourceEntry> {
  return entryOf((await rowOf(database, id))!);
}

/** One that is followed. @returns its id and the fence of its lease */
async function followed(body: object = ENDPOINT): Promise<{ id: string; fence: number }> {
  const { id } = await commands.created(body);
  await eventually(() => instance.fleet.work.get(id)?.task === 'follow');
  return { id, fence: instance.fleet.work.get(id)!.fence };
}

describe('a report', () => {
  it('is shown, and stored once however often it is repeated', async () => {
    const { id, fence } = await followed();
    for (let times = 0; times < 50; times += 1) instance.records.report(id, fence, polling('a'));
    await eventually(async () => (await entry(id)).endpoint?.cursor === 'a');
    expect(await entry(id)).toMatchObject({
      sync: { state: 'polling' },
      freshness: { drained_at: 2_000 },
      endpoint: { event_lag: 0, last_success_at: 1_000 },
    });
    const written = 'SELECT seq FROM stream';
    const before = await database.dataSource.query<unknown>(written);
    for (let times = 0; times < 50; times += 1) instance.records.report(id, fence, polling('a'));
    await instance.records.beforeApplicationShutdown();
    expect(await database.dataSource.query(written)).toEqual(before);
  });

  it('with another fence than the present one is dropped', async () => {
    const { id, fence } = await followed();
    instance.records.report(id, fence - 1, polling('old'));
    instance.records.attempt(id, fence - 1, failed('failed'));
    await instance.records.beforeApplicationShutdown();
    expect(await entry(id)).toMatchObject({ endpoint: { cursor: null }, retry_count: 0 });
  });

  it('may have texts that Postgres cannot store', async () => {
    const { id, fence } = await followed();
    instance.records.report(id, fence, polling('a\0b\ud800c\\u0000'));
    await eventually(async () => (await entry(id)).endpoint?.cursor !== null);
    expect((await entry(id)).endpoint?.cursor).toMatch(/^a\ufffdb\ufffdc/);
  });

  it('of what is paused shows that it cannot go on', async () => {
    const { id, fence } = await followed(DIRECT);
    await commands.patch.execute(asked(config, { id, body: { paused: true } }));
    await eventually(() => instance.fleet.work.get(id)?.task === 'watch');
    const error = { code: 'wal_limit_exceeded', message: 'The slot was dropped.' };
    const { endpoint: _, ...report } = polling('a');
    const sync = { ...report.sync, state: 'blocked' as const, error, fix: 'Start over.' };
    instance.records.report(id, fence, { ...report, sync });
    await eventually(async () => (await entry(id)).sync.error !== null);
    expect(await entry(id)).toMatchObject({ paused: true, sync: { state: 'blocked', error, fix: 'Start over.' } });
  });

  it('that shows a success ends the counting of failures', async () => {
    const { id, fence } = await followed();
    instance.records.attempt(id, fence, failed('failed'));
    instance.records.attempt(id, fence, failed('failed'));
    await eventually(async () => (await entry(id)).retry_count === 2);
    expect((await entry(id)).last_error).toEqual({ code: 'http_500', message: 'The endpoint answered 500.' });
    instance.records.report(id, fence, polling('b', 5_000));
    await eventually(async () => (await entry(id)).retry_count === 0);
    expect((await entry(id)).last_error).toBeNull();
  });

  it('of a snapshot is a success only where more rows are read', async () => {
    const { id, fence } = await followed();
    const reading = (rows_done: number): FollowerReport => {
      const snapshot = { tables: 1, tables_done: 0, rows_done, rows_estimated: null, percent: 0 };
      const { endpoint: _, ...rest } = polling('a');
      return { ...rest, sync: { ...rest.sync, state: 'snapshotting', snapshot } };
    };
    instance.records.attempt(id, fence, failed('failed'));
    instance.records.report(id, fence, reading(0));
    await eventually(async () => (await entry(id)).sync.state === 'snapshotting');
    expect((await entry(id)).retry_count).toBe(1);
    instance.records.report(id, fence, reading(500));
    await eventually(async () => (await entry(id)).retry_count === 0);
  });
});

describe('a position', () => {
  it('is kept as it is, and handed to the next process', async () => {
    const { id, fence } = await followed();
    const position = { cursor: 'a\0\ud800', table: ['x'] };
    await instance.records.savePosition({ id, fence, generation: 1, position });
    await instance.stop();
    instance = new SyncInstance(database, config).start();
    await eventually(() => instance.fleet.work.has(id));
    expect(instance.fleet.work.get(id)).toMatchObject({ fence: fence + 1, position, task: 'follow' });
  });

  it('of an earlier holder, or of before a resync, is refused', async () => {
    const { id, fence } = await followed();
    await expect(instance.records.savePosition({ id, fence: fence - 1, generation: 1, position: {} })).rejects.toThrow(
      'another process reads',
    );
    await commands.resync.execute(asked(config, { id }));
    await expect(instance.records.savePosition({ id, fence, generation: 1, position: {} })).rejects.toThrow(
      'another process reads',
    );
    await instance.records.savePosition({ id, fence, generation: 2, position: { ok: true } });
    expect(await rowOf(database, id)).toMatchObject({ position: { ok: true } });
  });
});

describe('attempts', () => {
  it('are shown with the newest first, at most 200 of a datasource', async () => {
    const { id, fence } = await followed();
    await database.dataSource.query(
      `INSERT INTO attempt (datasource, at, kind, outcome, duration_ms, published)
       SELECT $1, now(), 'poll', 'succeeded', 1, n FROM generate_series(1, 250) n`,
      [id],
    );
    instance.records.attempt(id, fence, failed('failed'));
    await instance.records.beforeApplicationShutdown();
    const { attempts } = await new AttemptsQuery(database).execute(asked(config, { id }).request);
    expect(attempts).toHaveLength(200);
    expect(attempts[0]).toMatchObject({
      kind: 'poll',
      outcome: 'failed',
      duration_ms: 12,
      error: { code: 'http_500' },
    });
    expect(attempts[1]).toMatchObject({ outcome: 'succeeded', published: 250, error: null });
    expect(await database.dataSource.query('SELECT count(*)::int FROM attempt')).toEqual([{ count: 200 }]);
  });

  it('are bounded between two writes', async () => {
    const { id, fence } = await followed();
    for (let times = 0; times < 1_000; times += 1) instance.records.attempt(id, fence, failed('failed'));
    await instance.records.beforeApplicationShutdown();
    const { attempts } = await new AttemptsQuery(database).execute(asked(config, { id }).request);
    expect(attempts.filter(({ kind }) => kind === 'poll')).toHaveLength(20);
  });

  it('that are refused for two minutes make a datasource rejected, which is then checked', async () => {
    const { id, fence } = await followed();
    instance.fleet.result = () => lacking(true);
    for (let times = 0; times < 3; times += 1) instance.records.attempt(id, fence, failed('refused', 'http_401'));
    await eventually(async () => (await entry(id)).retry_count === 3);
    expect((await entry(id)).status).toBe('active');
    await database.dataSource.query(`UPDATE datasource SET refused_since = now() - interval '121 s' WHERE id = $1`, [
      id,
    ]);
    instance.records.attempt(id, fence, failed('refused', 'http_401'));
    await eventually(async () => (await entry(id)).setup.state === 'rejected');
    expect(await entry(id)).toMatchObject({ status: 'rejected', sync: { state: 'blocked', fix: 'Do this.' } });
    await eventually(() => instance.fleet.work.get(id)?.task === 'rest');
  });
});

const lacking = (credentialsRefused: boolean): CheckResult => ({
  outcome: 'refused',
  credentialsRefused,
  failures: [{ item: 'wal_level', actual: 'replica', fix: 'Do this.' }],
  advisories: [],
  duration_ms: 1,
});

describe('a check', () => {
  it('that finds it ready makes it active, and its work begins', async () => {
    const { id } = await followed(DIRECT);
    expect(await entry(id)).toMatchObject({ status: 'active', setup: { state: 'verified', checking: false } });
    const { attempts } = await new AttemptsQuery(database).execute(asked(config, { id }).request);
    expect(attempts).toMatchObject([{ kind: 'check', outcome: 'succeeded', error: null }]);
  });

  it('that finds something missing says what, and is repeated slowly until it is there', async () => {
    instance.fleet.result = () => lacking(false);
    const { id } = await commands.created(DIRECT);
    await eventually(async () => (await entry(id)).status === 'rejected');
    const shown = await entry(id);
    expect(shown).toMatchObject({
      setup: {
        state: 'incomplete',
        checking: false,
        failures: [{ item: 'wal_level', actual: 'replica', fix: 'Do this.' }],
      },
      retry_count: 1,
      last_error: { code: 'wal_level', message: 'replica' },
      sync: { state: 'blocked', fix: 'Do this.' },
    });
    const waitMs = shown.sync.next_attempt_at! - shown.setup.checked_at!;
    expect(waitMs).toBeGreaterThanOrEqual(22_500);
    expect(waitMs).toBeLessThanOrEqual(37_500);
    instance.fleet.result = () => ({ ...lacking(false), outcome: 'ready', failures: [] });
    await database.dataSource.query('UPDATE datasource SET check_due_at = now(), is_changed = true WHERE id = $1', [
      id,
    ]);
    await eventually(async () => (await entry(id)).status === 'active');
    expect(await entry(id)).toMatchObject({ retry_count: 0, last_error: null, setup: { failures: [] } });
  });

  it('that cannot reach it leaves it unverified', async () => {
    instance.fleet.result = () => ({ ...lacking(false), outcome: 'unreachable' });
    const { id } = await commands.created(ENDPOINT);
    await eventually(async () => !(await entry(id)).setup.checking);
    expect(await entry(id)).toMatchObject({ status: 'unverified', retry_count: 1, sync: { state: 'retrying' } });
  });

  it('that cannot be run leaves it unverified', async () => {
    instance.fleet.result = () => Promise.reject(new Error('the worker died'));
    const { id } = await commands.created(ENDPOINT);
    await eventually(async () => !(await entry(id)).setup.checking);
    expect(await entry(id)).toMatchObject({ status: 'unverified', last_error: { code: 'check_failed' } });
  });

  it('of credentials that were replaced meanwhile does not count', async () => {
    let finish: (result: CheckResult) => void = () => undefined;
    instance.fleet.result = () =>
      new Promise((resolve) => {
        finish = resolve;
      });
    const { id } = await commands.created(DIRECT);
    await eventually(() => instance.fleet.checked.length === 1);
    instance.fleet.result = () => lacking(true);
    await commands.created({ connectionString: 'postgres://reader:next@db.example.com/shop' });
    await eventually(() => instance.fleet.work.get(id)?.version === 2);
    finish({ ...lacking(true), outcome: 'ready' });
    await eventually(async () => (await entry(id)).status !== 'unverified');
    expect((await entry(id)).status).toBe('rejected');
    expect(instance.fleet.checked.map(({ version }) => version)).toEqual([1, 2]);
  });

  it('says that credentials cannot be opened, without their key', async () => {
    const { id } = await followed();
    await instance.stop();
    const other = configOf(store.url, { SIGNALBOX_SECRET_KEYS: Buffer.alloc(32).toString('base64') });
    instance = new SyncInstance(database, other).start();
    await eventually(async () => (await entry(id)).status === 'rejected');
    expect((await entry(id)).setup.failures).toMatchObject([
      { fix: expect.stringContaining('SIGNALBOX_SECRET_KEYS') as string },
    ]);
    expect(instance.fleet.checked).toEqual([]);
  });
});

it('signs with the former key until its time is over', async () => {
  const hurried = configOf(store.url, { DATASOURCE_KEY_OVERLAP_MS: '1500' });
  await instance.stop();
  instance = new SyncInstance(database, hurried).start();
  commands = new Commands(database, hurried, instance.own);
  const { id } = await followed();
  const keys = (): unknown => {
    const work = instance.fleet.work.get(id);
    return work?.connection === 'endpoint' && work.source.signingKeys;
  };
  await commands.rotate.execute(asked(hurried, { id, body: { signingKey: 'next' } }));
  await eventually(() => JSON.stringify(keys()) === JSON.stringify(['next', ENDPOINT.signingKey]));
  await eventually(() => JSON.stringify(keys()) === JSON.stringify(['next']));
  expect(commands.vault.endpoint((await rowOf(database, id))!)).toEqual({ signingKey: 'next', formerKey: null });
  expect(await entry(id)).toMatchObject({ status: 'active', endpoint: { former_key_until: null } });
});

it('seals credentials with the current key, so that the earlier one can be removed', async () => {
  const { id } = await followed(DIRECT);
  await instance.stop();
  const next = Buffer.alloc(32, 7).toString('base64');
  instance = new SyncInstance(
    database,
    configOf(store.url, { SIGNALBOX_SECRET_KEYS: `${next},${SECRET_KEY}` }),
  ).start();
  await instance.resealing.execute();
  const alone = new SourceVault(configOf(store.url, { SIGNALBOX_SECRET_KEYS: next }));
  expect(alone.direct((await rowOf(database, id))!)).toEqual({ password: 'canary-password' });
});
