import {
  datasourceReply,
  datasourceRequestTypes,
  deadLettersTopology,
  exchanges,
  registryReply,
  registryRequestTypes,
} from '@signalbox/contracts/messages';
import { Amqp } from '@signalbox/messaging';
import { collectLogs, eventually } from '@signalbox/testing';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Registry, type RegistryInProcess } from '../support/registry.js';
import { System, type SystemInProcess } from '../support/system.js';

interface Entry {
  number: number;
  at: number;
  action: string;
  resource: string;
  detail: Record<string, unknown>;
}

interface Created {
  id: string;
  key: string;
}

describe('the audit trail of all services', () => {
  let system: SystemInProcess;
  let registry: RegistryInProcess;
  let manager: Created;

  beforeAll(async () => {
    system = await System.inProcess();
    registry = new Registry(system);
    registry.makePackage('orders');
    await Promise.all([
      system.startGateway({ SIGNALBOX_DRAIN_MS: '0' }),
      registry.start({ config: { projects: [] } }),
      system.start('journal').ready,
      system.start('datasource-sync', { SIGNALBOX_ALLOW_LOOPBACK_TARGETS: 'true' }).ready,
    ]);
    await registry.serving();
    await eventually(async () => (await system.get('/v1/datasources')).status === 200);
    manager = await made('/v1/keys', { name: 'deployments', role: 'manager' });
  });
  afterAll(async () => {
    await registry?.close();
  });

  async function made(path: string, body: object, key = system.adminKey): Promise<Created> {
    const response = await system.send('POST', path, body, key);
    expect([path, response.status]).toEqual([path, 201]);
    return (await response.json()) as Created;
  }
  const page = async (query: string): Promise<{ data: Entry[]; next_before: number | null }> => {
    const response = await system.get(`/v1/audit?${query}`);
    expect([query, response.status]).toEqual([query, 200]);
    return (await response.json()) as { data: Entry[]; next_before: number | null };
  };
  /** The oldest first, once there are as many. */
  const entries = (query: string, count: number): Promise<Entry[]> =>
    eventually(async () => {
      const { data } = await page(query);
      return data.length >= count && data.toReversed();
    });
  const shown = (all: readonly Entry[]): string[] => all.map(({ action, resource }) => `${action} ${resource}`);

  it('lists what a key did, with its name and where it came from', async () => {
    const sends: [method: string, path: string, body?: object][] = [
      ['POST', '/projects', { name: 'shop' }],
      ['POST', '/projects/shop/connections/db', { type: 'mysql', mysqlConnection: { host: 'h', password: 'CANARY' } }],
      ['PATCH', '/projects/shop/connections/db', { mysqlConnection: { password: 'CANARY' } }],
      ['POST', '/projects/shop/packages', { name: 'orders', location: `${registry.folder}/orders` }],
      ['DELETE', '/projects/shop/packages/orders'],
      ['DELETE', '/projects/shop/connections/db'],
      ['DELETE', '/projects/shop'],
    ];
    for (const [method, path, body] of sends) {
      const { status } = await system.send(method, `/api/v0${path}`, body, manager.key);
      expect([method, path, status < 300]).toEqual([method, path, true]);
    }
    // Changes nothing, and is not recorded.
    expect((await system.send('DELETE', '/api/v0/projects/none', undefined, manager.key)).status).toBe(404);
    const all = await entries(`actor=${manager.id}`, sends.length);
    expect(shown(all)).toEqual([
      'put-project shop',
      'create-connection shop/db',
      'patch-connection shop/db',
      'put-package shop/orders',
      'delete-package shop/orders',
      'delete-connection shop/db',
      'delete-project shop',
    ]);
    expect(all[0]).toEqual({
      number: expect.any(Number) as number,
      at: expect.any(Number) as number,
      action: 'put-project',
      resource: 'shop',
      key_id: manager.id,
      name: 'deployments',
      via: 'key',
      token_id: null,
      role: 'manager',
      account: 'default',
      address: '127.0.0.1',
      request_id: expect.stringMatching(/^req_/) as string,
      result: 'done',
      route: null,
      detail: {},
    });
    expect(JSON.stringify(all)).not.toContain('CANARY');
    expect(shown((await page('actor=deployments&resource=shop&action=create-connection')).data)).toHaveLength(1);
  });

  it('lists each change of the gateway, committed with it, and no credential', async () => {
    const key = await made('/v1/keys', { name: 'nightly' });
    const next = await made(`/v1/keys/${key.id}/rotate`, {});
    const token = await made('/v1/tokens', { key_id: next.id });
    const account = await made('/v1/accounts', { name: 'Acme', tier: 'standard' });
    const ends_at = new Date(Date.now() + 3_600_000).toISOString();
    const notice = await made('/v1/notices', { message: 'm', components: ['messaging'], ends_at });
    for (const [method, path, body] of [
      ['DELETE', `/v1/tokens/${token.id}`],
      ['DELETE', `/v1/keys/${next.id}`],
      ['DELETE', `/v1/keys/${next.id}`],
      ['PATCH', `/v1/accounts/${account.id}`, { name: 'Acme Inc.' }],
      ['PUT', '/v1/tiers/small', { requests_per_hour: 10, burst_per_second: 1 }],
      ['DELETE', '/v1/tiers/small'],
      ['PATCH', `/v1/notices/${notice.id}`, { message: 'longer' }],
      ['POST', `/v1/notices/${notice.id}/end`],
    ] as const) {
      const { status } = await system.send(method, path, body);
      expect([method, path, status < 300]).toEqual([method, path, true]);
    }
    const expected = [
      `create-key ${key.id}`,
      `rotate-key ${key.id}`,
      `issue-token ${token.id}`,
      `create-account ${account.id}`,
      `schedule-notice ${notice.id}`,
      `revoke-token ${token.id}`,
      `revoke-key ${next.id}`,
      `change-account ${account.id}`,
      'put-tier small',
      'delete-tier small',
      `change-notice ${notice.id}`,
      `end-notice ${notice.id}`,
    ];
    const before = shown(await entries('actor=bootstrap', 1)).length;
    const all = await entries('actor=bootstrap', Math.max(before, expected.length + 1));
    expect(shown(all)).toEqual([`create-key ${manager.id}`, ...expected]);
    expect(all[2]?.detail).toEqual({ name: 'nightly', rotated_to: next.id });
    const text = JSON.stringify(all);
    for (const secret of [key.key, next.key, (token as unknown as { token: string }).token])
      expect(text).not.toContain(secret);
    expect(shown(await entries('resource=' + (await adminKeyId()), 1))).toEqual([`create-key ${await adminKeyId()}`]);
  });

  const adminKeyId = async (): Promise<string> =>
    ((await (await system.get('/v1/session')).json()) as { id: string }).id;

  /** Nothing listens there, which an entry does not depend on. */
  const endpoint = 'http://127.0.0.1:1/';
  const newDatasource = (): Promise<Created> =>
    made('/v1/datasources', { endpoint, signingKey: 'CANARY-signing-key', environment: 'test' });

  it('lists each change of a datasource, and no credential', async () => {
    const { id } = await newDatasource();
    for (const [method, path, body] of [
      ['PATCH', '', { metadata: { team: 'shop' } }],
      ['POST', '/verify'],
      ['POST', '/rotate_key', { signingKey: 'CANARY-next-signing-key' }],
      ['DELETE', ''],
    ] as const) {
      const { status } = await system.send(method, `/v1/datasources/${id}${path}`, body);
      expect([method, path, status < 300]).toEqual([method, path, true]);
    }
    const all = await entries(`resource=${id}`, 5);
    expect(shown(all)).toEqual([
      `create-datasource ${id}`,
      `patch-datasource ${id}`,
      `verify-datasource ${id}`,
      `rotate-datasource-key ${id}`,
      `delete-datasource ${id}`,
    ]);
    const who = { key_id: await adminKeyId(), name: 'bootstrap', via: 'key', role: 'admin', address: '127.0.0.1' };
    for (const entry of all) expect(entry).toMatchObject({ ...who, result: 'done' });
    expect(JSON.stringify(all)).not.toContain('CANARY');
  });

  it('lists changes that a gateway of 0.1.0 asks for, with what that says of the caller', async () => {
    const { id } = await newDatasource();
    expect((await system.send('POST', '/api/v0/projects', { name: 'former' })).status).toBe(200);
    const amqp = new Amqp({
      url: system.broker.url,
      name: 'test',
      logger: collectLogs().logger,
      topology: deadLettersTopology,
      deadLetters: { exchange: exchanges.deadLetters.name },
    });
    await amqp.open();
    const ask = { exchange: exchanges.requests.name, timeoutMs: 20_000 };
    try {
      const body = { by: 'key_former', request_id: 'req_former' };
      await amqp.request({
        ...ask,
        routingKey: 'registry',
        type: registryRequestTypes.deleteProject,
        schema: registryReply,
        body: { ...body, project: 'former' },
      });
      await amqp.request({
        ...ask,
        routingKey: 'datasource-sync',
        type: datasourceRequestTypes.delete,
        schema: datasourceReply,
        body: { ...body, account: 'operators', mode: 'live', id },
      });
    } finally {
      await amqp.close();
    }
    const all = await entries('actor=key_former', 2);
    expect(new Set(shown(all))).toEqual(new Set(['delete-project former', `delete-datasource ${id}`]));
    for (const entry of all) expect(entry).toMatchObject({ request_id: 'req_former', name: null, address: '' });
  });

  it('lists a test of a connection, with what came of it', async () => {
    const body = { name: 'c', type: 'duckdb', duckdbConnection: {} };
    const response = await system.send('POST', '/api/v0/connections/test', body, manager.key);
    const { status } = (await response.json()) as { status: string };
    expect(await entries('action=test-connection', 1)).toMatchObject([
      { resource: '(not stored)', result: status, name: 'deployments', detail: { type: 'duckdb' } },
    ]);
  });

  it('keeps changes that are made while the journal is down, and lists them afterwards', async () => {
    await system.service('journal').stop();
    expect((await system.send('POST', '/api/v0/projects', { name: 'late' }, manager.key)).status).toBe(200);
    await system.start('journal').ready;
    expect(shown(await entries('resource=late', 1))).toEqual(['put-project late']);
  }, 60_000);

  it('shows one order over all services, page by page, and refuses what it cannot read', async () => {
    const { data: all } = await page('limit=1000');
    expect(all.map(({ number }) => number)).toEqual(all.map((_, at) => all.length - at));
    const paged: Entry[] = [];
    for (let next: number | null = all.length + 1; next !== null;) {
      const { data, next_before }: { data: Entry[]; next_before: number | null } = await page(`limit=5&before=${next}`);
      paged.push(...data);
      next = next_before;
    }
    expect(paged).toEqual(all);
    const [newest] = all;
    const since = new Date(newest!.at).toISOString();
    expect((await page(`since=${since}`)).data.length).toBeGreaterThan(0);
    expect((await page(`until=${new Date(0).toISOString()}`)).data).toEqual([]);
    for (const query of ['since=yesterday', 'limit=0', 'before=x', `actor=${'a'.repeat(501)}`])
      expect([query, (await system.get(`/v1/audit?${query}`)).status]).toEqual([query, 400]);
    expect((await system.get('/v1/audit', { 'x-api-key': manager.key })).status).toBe(403);
  });

  it('has at the latest at the stop of a gateway what callers were refused, once for all in a minute', async () => {
    for (let times = 0; times < 3; times += 1)
      expect((await system.send('DELETE', `/v1/keys/key_${times}`, undefined, manager.key)).status).toBe(403);
    await system.service('gateway').stop();
    const client = new pg.Client({ connectionString: system.database.url });
    await client.connect();
    const recorded = await eventually(async () => {
      const { rows } = await client.query<{ name: string; detail: object }>(
        `SELECT name, detail FROM journal.audit WHERE resource = 'DELETE /v1/keys/:id'`,
      );
      return rows.length > 0 && rows;
    });
    await client.end();
    const recordedTimes = recorded.map(({ detail }) => (detail as { count: number }).count);
    // A minute may have ended between them.
    expect(recordedTimes.reduce((sum, count) => sum + count, 0)).toBe(3);
    expect(recorded[0]).toMatchObject({ name: 'deployments', detail: { code: 'insufficient_role' } });
  });
});
