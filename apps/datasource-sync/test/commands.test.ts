import { randomBytes } from 'node:crypto';
import type { DatasourceReply } from '@signalbox/contracts/messages';
import { datasourcesStream } from '@signalbox/contracts/streams';
import type { Database } from '@signalbox/persistence';
import { systemClock } from '@signalbox/platform';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Config } from '../src/config.js';
import { AttemptsQuery } from '../src/datasources/attempts.query.js';
import { PublishedKey } from '../src/datasources/published-key.js';
import { loadDatasources } from '../src/store/load-datasources.js';
import { Commands, DIRECT, ENDPOINT } from './support/commands.js';
import { asked, configOf, rowOf, sealedBodyOf, TestStore } from './support/store.js';

let store: TestStore;
let database: Database;
let config: Config;
let commands: Commands;

beforeAll(async () => {
  store = await TestStore.start();
  database = await store.open();
  config = configOf(store.url);
  commands = new Commands(database, config);
});
afterAll(() => store.close());
beforeEach(() => database.dataSource.query('DELETE FROM datasource'));

const matching = (pattern: RegExp): string => expect.stringMatching(pattern) as string;

/** The entry as a new owner of the stream would load it. */
async function loaded(id: string): Promise<unknown> {
  const entries = await loadDatasources((sql, parameters) => database.dataSource.query(sql, parameters));
  return new Map<string, unknown>(entries).get(datasourcesStream.entries.datasource.key(id));
}

describe('registering', () => {
  it('stores a database unverified, to be checked at once', async () => {
    const reply = await commands.create.execute(asked(config, { body: { ...DIRECT, metadata: { team: 'a' } } }));
    const { datasource } = reply;
    expect(datasource).toMatchObject({
      id: matching(/^ds_[0-9a-z]{24}$/),
      livemode: true,
      connection: 'direct',
      status: 'unverified',
      metadata: { team: 'a' },
      version: 1,
      paused: false,
      endpoint: null,
      retry_count: 0,
      last_error: null,
      setup: { state: 'unverified', checking: true, checked_at: null, failures: [] },
      sync: { state: 'idle' },
    });
    expect(datasource.direct).toEqual({
      host: 'db.example.com',
      port: 5_432,
      database: 'shop',
      schema: 'public',
      user: 'reader',
      tls: 'verify-full',
      publication: 'signalbox_publication',
      slot: `signalbox_${datasource.id.slice('ds_'.length)}`,
    });
    expect(reply.seq).toBeGreaterThan(0);
    expect(datasourcesStream.entries.datasource.schema.parse(datasource)).toEqual(datasource);
    expect(await loaded(datasource.id)).toEqual(datasource);
  });

  it('stores an endpoint, and shows the end of its key', async () => {
    expect(await commands.created(ENDPOINT)).toMatchObject({
      id: matching(/^dse_[0-9a-z]{24}$/),
      connection: 'endpoint',
      direct: null,
      endpoint: { url: ENDPOINT.endpoint, key_last4: '_key', former_key_until: null, cursor: null, event_lag: null },
    });
    const short = { ...ENDPOINT, endpoint: 'https://b.example.com', signingKey: 'short' };
    expect((await commands.created(short)).endpoint).toMatchObject({ key_last4: null });
    const emoji = { ...ENDPOINT, endpoint: 'https://c.example.com', signingKey: '0123456789a😀bcd😀' };
    expect((await commands.created(emoji)).endpoint).toMatchObject({ key_last4: 'bcd😀' });
  });

  it('gives ids of the sandbox to what a test key registers', async () => {
    expect((await commands.created(DIRECT, { mode: 'test' })).id).toMatch(/^ds_test_[0-9a-z]{24}$/);
    expect(await commands.created(ENDPOINT, { mode: 'test' })).toMatchObject({
      livemode: false,
      id: matching(/^dse_/),
    });
    expect(await commands.created({ ...ENDPOINT, environment: 'test' })).toMatchObject({ livemode: false });
    const live = commands.created({ ...ENDPOINT, environment: 'live' }, { mode: 'test' });
    await expect(live).rejects.toMatchObject({ code: 'mode_refused' });
  });

  it('keeps no credential in the clear, and opens none for another row or target', async () => {
    const [direct, endpoint] = [await commands.created(DIRECT), await commands.created(ENDPOINT)];
    const stored = await database.dataSource.query<object[]>(
      'SELECT d::text FROM datasource d UNION ALL SELECT i::text FROM inbox i UNION ALL SELECT o::text FROM outbox o',
    );
    expect(stored.length).toBeGreaterThan(5);
    expect(JSON.stringify(stored)).not.toContain('canary');
    const row = (await rowOf(database, direct.id))!;
    expect(commands.vault.direct(row)).toEqual({ password: 'canary-password' });
    expect(() => commands.vault.direct({ ...row, id: endpoint.id })).toThrow('another place');
    const elsewhere = { ...row, settings: { ...row.settings, host: 'evil.example.com' } };
    expect(() => commands.vault.direct(elsewhere)).toThrow('another place');
  });

  it('updates what is registered again, with new credentials to prove', async () => {
    const first = await commands.created({ ...DIRECT, metadata: { team: 'a' } });
    await commands.setActive(first.id);
    const { id } = first;
    expect(await commands.created(DIRECT)).toMatchObject({
      id,
      version: 2,
      status: 'active',
      metadata: { team: 'a' },
      setup: { checking: true },
    });
    const before = (await rowOf(database, id))!;
    const connectionString = 'postgres://reader:other@DB.example.com:5432/shop?sslmode=require';
    expect(await commands.created({ connectionString, metadata: {} })).toMatchObject({
      id,
      version: 3,
      status: 'unverified',
      metadata: {},
      direct: { tls: 'require', slot: first.direct!.slot },
    });
    const after = (await rowOf(database, id))!;
    expect(after).toMatchObject({ assignment_version: before.assignment_version + 1, position: before.position });
    expect(commands.vault.direct(after)).toEqual({ password: 'other' });
  });

  it('keeps sources of other schemas, accounts and modes apart', async () => {
    const ids = [
      await commands.created(DIRECT),
      await commands.created({ ...DIRECT, schema: 'sales' }),
      await commands.created(DIRECT, { account: 'other' }),
      await commands.created(DIRECT, { mode: 'test' }),
    ].map(({ id }) => id);
    expect(new Set(ids).size).toBe(4);
  });

  it('registers the same source once, when it is sent several times together', async () => {
    const all = await Promise.all(Array.from({ length: 5 }, () => commands.created(ENDPOINT)));
    expect(new Set(all.map(({ id }) => id)).size).toBe(1);
  });

  it('answers a repeated message with the same reply', async () => {
    const change = asked(config, { body: DIRECT });
    const first = await commands.create.execute(change);
    expect(await commands.create.execute(change)).toEqual(first);
    expect(await database.dataSource.query('SELECT version FROM datasource')).toEqual([{ version: 1 }]);
  });

  it.each([
    [{ metadata: {} }, 'bad_request', 'connectionString'],
    [{ ...DIRECT, ...ENDPOINT }, 'bad_request', 'either'],
    [{ ...DIRECT, password: 'x' }, 'invalid_value', 'password'],
    [{ ...DIRECT, connection: 'endpoint' }, 'invalid_value', 'connection:'],
    [
      { connectionString: 7, schema: '', metadata: { a: 1 } },
      'invalid_value',
      /connectionString:.*schema:.*metadata.a:/,
    ],
    [{ connectionString: 'mysql://a:b@c/d' }, 'invalid_value', 'connectionString: it must start with'],
    [{ ...DIRECT, caCertificate: 'no certificate' }, 'invalid_value', 'caCertificate: must be certificates in PEM'],
    [{ connectionString: 'postgres://a:b@127.0.0.1/d' }, 'target_refused', '127.0.0.1'],
    [{ connectionString: 'postgres://a:b@[::ffff:10.0.0.1]/d' }, 'target_refused', 'private network'],
    [{ ...ENDPOINT, endpoint: 'https://169.254.169.254/' }, 'target_refused', '169.254.169.254'],
    [{ ...ENDPOINT, endpoint: 'http://api.example.com' }, 'invalid_value', 'endpoint: it must start with https://'],
    [{ endpoint: ENDPOINT.endpoint }, 'invalid_value', 'signingKey:'],
  ])('refuses %j', async (body, code, message) => {
    await expect(commands.created(body)).rejects.toMatchObject({ code, message: matching(new RegExp(message)) });
  });

  it('refuses the datasource after the 10,000th of an account', async () => {
    const { id } = await commands.created(DIRECT);
    await database.dataSource.query(
      `INSERT INTO datasource
       SELECT (json_populate_record(d, json_build_object('id', 'ds_' || n, 'identity', n::text))).*
       FROM datasource d, generate_series(2, 10000) n WHERE d.id = $1`,
      [id],
    );
    await expect(commands.created(ENDPOINT)).rejects.toMatchObject({ code: 'too_many' });
    // What is being deleted counts until it is gone.
    await database.dataSource.query('UPDATE datasource SET is_deleting = true WHERE id <> $1', [id]);
    await expect(commands.created(ENDPOINT)).rejects.toMatchObject({ code: 'too_many' });
    expect((await commands.created(DIRECT)).id).toBe(id);
    expect((await commands.created(ENDPOINT, { account: 'other' })).status).toBe('unverified');
  });

  it('bounds the datasources of all accounts, also where several register at once', async () => {
    const bounded = new Commands(database, configOf(store.url, { SIGNALBOX_QUOTAS: 'datasources=2' }));
    const accounts = ['a', 'b', 'c', 'd'];
    const outcomes = await Promise.allSettled(accounts.map((account) => bounded.created(ENDPOINT, { account })));
    const reasons = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason as unknown] : []));
    const refused = { code: 'quota_exceeded', message: matching(/The quota datasources is 2 .*, and 2 are used/) };
    expect(reasons).toEqual([expect.objectContaining(refused), expect.objectContaining(refused)]);
    const registered = accounts.find((_, index) => outcomes[index]?.status === 'fulfilled')!;
    expect((await bounded.created(ENDPOINT, { account: registered })).status).toBe('unverified');
  });
});

describe('a change', () => {
  it('finds no datasource of another account, and none that is deleted', async () => {
    const { id } = await commands.created(ENDPOINT);
    const others = commands.verify.execute(asked(config, { id, account: 'other' }));
    await expect(others).rejects.toMatchObject({ code: 'not_found' });
    await commands.remove.execute(asked(config, { id }));
    await expect(commands.verify.execute(asked(config, { id }))).rejects.toMatchObject({ code: 'not_found' });
    const attempts = new AttemptsQuery(database).execute(asked(config, { id }).request);
    await expect(attempts).rejects.toMatchObject({ code: 'not_found' });
  });

  it('of what is live is refused to a test key', async () => {
    const { id } = await commands.created(ENDPOINT);
    const resynced = commands.resync.execute(asked(config, { id, mode: 'test' }));
    await expect(resynced).rejects.toMatchObject({ code: 'mode_refused' });
  });

  it('replaces the metadata, and pauses and resumes', async () => {
    const { id } = await commands.created({ ...ENDPOINT, metadata: { a: '1', b: '2' } });
    await commands.setActive(id);
    const patched = async (body: object): Promise<DatasourceReply> =>
      commands.patch.execute(asked(config, { id, body }));
    expect((await patched({ metadata: { c: '3' } })).datasource).toMatchObject({ metadata: { c: '3' }, version: 2 });
    const paused = { version: 3, paused: true, sync: { state: 'paused' } };
    expect((await patched({ paused: true })).datasource).toMatchObject(paused);
    expect(await patched({ paused: true })).toMatchObject({ seq: null, datasource: paused });
    const resumed = { version: 4, paused: false, sync: { state: 'idle' } };
    expect((await patched({ paused: false })).datasource).toMatchObject(resumed);
    expect(await rowOf(database, id)).toMatchObject({ assignment_version: 3 });
    await expect(patched({ status: 'active' })).rejects.toMatchObject({ code: 'invalid_value' });
  });

  it('lets everything be read again', async () => {
    const { id } = await commands.created(DIRECT);
    await commands.setActive(id);
    await commands.resync.execute(asked(config, { id }));
    const row = await rowOf(database, id);
    expect(row).toMatchObject({ generation: 2, assignment_version: 2, position: null, follower: null });
  });

  it('rotates the key of an endpoint, and of nothing else', async () => {
    const { id } = await commands.created(ENDPOINT);
    await commands.setActive(id);
    const next = { signingKey: 'sk_the_next_key_9876' };
    const { datasource } = await commands.rotate.execute(asked(config, { id, body: next }));
    expect(datasource).toMatchObject({ status: 'active', setup: { checking: true }, endpoint: { key_last4: '9876' } });
    expect(datasource.endpoint!.former_key_until! - Date.now()).toBeGreaterThan(23 * 3_600_000);
    const keys = commands.vault.endpoint((await rowOf(database, id))!);
    expect(keys).toEqual({ ...next, formerKey: ENDPOINT.signingKey });
    const direct = await commands.created(DIRECT);
    const wrong = commands.rotate.execute(asked(config, { id: direct.id, body: next }));
    await expect(wrong).rejects.toMatchObject({ code: 'wrong_kind' });
  });
});

describe('deleting', () => {
  it('leaves nothing behind of an endpoint, and the publication of a database that never was active', async () => {
    const [endpoint, direct] = [await commands.created(ENDPOINT), await commands.created(DIRECT)];
    const removed = (id: string): Promise<DatasourceReply> => commands.remove.execute(asked(config, { id }));
    expect(await removed(endpoint.id)).toMatchObject({ left_behind: null });
    expect(await removed(direct.id)).toMatchObject({
      left_behind: { remove_with: ['DROP PUBLICATION IF EXISTS "signalbox_publication";'] },
    });
    expect(await Promise.all([loaded(endpoint.id), loaded(direct.id)])).toEqual([undefined, undefined]);
  });

  it('hides a followed database at once, and says what to run while its slot is not dropped', async () => {
    const { id, direct } = await commands.created(DIRECT);
    await commands.setActive(id);
    const { left_behind } = await commands.remove.execute(asked(config, { id }));
    expect(left_behind!.remove_with).toEqual([
      matching(new RegExp(`pg_drop_replication_slot.* WHERE slot_name = '${direct!.slot}'`)),
      matching(/DROP PUBLICATION/),
    ]);
    expect(await loaded(id)).toBeUndefined();
    expect(await rowOf(database, id)).toMatchObject({ is_deleting: true });
    expect((await commands.created(DIRECT)).id).not.toBe(id);
  });
});

it('opens a body in no other request', async () => {
  const { request, context, action } = asked(config, { body: ENDPOINT });
  const unavailable = expect.objectContaining({ code: 'unavailable' }) as Error;
  for (const change of [{ account: 'other' }, { mode: 'test' as const }, { id: 'dse_other' }])
    await expect(async () =>
      commands.create.execute({ request: { ...request, ...change }, context, action }),
    ).rejects.toThrow(unavailable);
  expect((await commands.create.execute({ request, context, action })).datasource.endpoint).not.toBeNull();
});

it('publishes its public key once, and records in the audit trail that it was changed', async () => {
  const recorded = async (): Promise<object[]> =>
    database.dataSource.query(
      `SELECT changes->>'action' AS action, changes->>'resource' AS resource, changes->'detail' AS detail FROM outbox
       WHERE changes->>'action' = 'change-sealing-key'`,
    );
  const key = new PublishedKey(database, sealedBodyOf(config), systemClock);
  await key.onModuleInit();
  const written = 'SELECT count(*)::int FROM outbox';
  const before = await database.dataSource.query<unknown>(written);
  await key.onModuleInit();
  expect(await database.dataSource.query(written)).toEqual(before);
  const { publicKey } = sealedBodyOf(config);
  const entries = await loadDatasources((sql) => database.dataSource.query(sql));
  expect(entries).toContainEqual(['service', { public_key: publicKey }]);
  expect(await recorded()).toEqual([]);
  const changed = sealedBodyOf(configOf(store.url, { SIGNALBOX_SECRET_KEYS: randomBytes(32).toString('base64') }));
  // Of processes that start at once, one records it.
  await Promise.all([1, 2].map(() => new PublishedKey(database, changed, systemClock).onModuleInit()));
  expect(await recorded()).toEqual([
    {
      action: 'change-sealing-key',
      resource: 'datasource-sync',
      detail: { before: publicKey, public_key: changed.publicKey },
    },
  ]);
});
