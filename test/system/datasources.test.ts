import { randomBytes } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { DatasourceBody, DatasourceDetail } from '@signalbox/contracts/http';
import { exchanges, type DatasourceChange } from '@signalbox/contracts/messages';
import { eventually, FaultyDatabase } from '@signalbox/testing';
import { connect, type ChannelModel } from 'amqplib';
import pg from 'pg';
import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isProduced } from '../support/datasource-schema.js';
import type { ServiceProcess } from '../support/service-process.js';
import { System } from '../support/system.js';

const PASSWORD = `canary-password-é/+${randomBytes(4).toString('hex')}`;
const WRONG_PASSWORD = 'canary-wrong-password';
const SIGNING_KEY = 'canary-signing-key-1a2b';
const CANARIES = /canary|%C3%A9/i;

/** datasource-sync as a process with its workers, a database of a customer, an endpoint, and a consumer of their changes. */
describe('datasources', () => {
  let system: System;
  let sync: ServiceProcess;
  let source: FaultyDatabase;
  let endpoint: Server;
  let isEndpointUp = true;
  let broker: ChannelModel;
  const changes: DatasourceChange[] = [];
  /** All that the services answered and sent. */
  const shown: string[] = [];
  let direct: DatasourceBody;
  let polled: DatasourceBody;

  beforeAll(async () => {
    [system, source] = await Promise.all([System.create(), FaultyDatabase.start()]);
    await inSource(`
      CREATE TABLE orders (id int PRIMARY KEY, total numeric);
      INSERT INTO orders SELECT n, n / 3.0 FROM generate_series(1, 100) n;
      CREATE PUBLICATION signalbox_publication FOR TABLE orders;
      CREATE ROLE replicator LOGIN REPLICATION PASSWORD '${PASSWORD}';
      GRANT SELECT ON orders TO replicator;`);
    endpoint = createServer((request, response) => {
      let body = '';
      request.on('data', (chunk: Buffer) => (body += chunk.toString()));
      request.on('end', () => {
        if (!isEndpointUp) return void response.writeHead(500).end('canary in HTML');
        new Webhook(Buffer.from(SIGNING_KEY), { format: 'raw' }).verify(
          body,
          request.headers as Record<string, string>,
        );
        const { cursor } = JSON.parse(body) as { cursor?: string };
        const events = [{ id: 'e1', model: 'orders', entityId: '7', type: 'CREATE', data: { total: '1.5' } }];
        response.writeHead(200, { 'content-type': 'application/json' });
        response.end(JSON.stringify(cursor === undefined ? { events, nextCursor: 'c1' } : { events: [] }));
      });
    });
    await new Promise<void>((resolve) => endpoint.listen(0, '127.0.0.1', resolve));
    await system.startGateway({ LOG_LEVEL: 'debug' });
    await listen();
    sync = system.start('datasource-sync', {
      LOG_LEVEL: 'debug',
      SIGNALBOX_SECRET_KEYS: randomBytes(32).toString('base64url'),
      SIGNALBOX_ALLOW_LOOPBACK_TARGETS: 'true',
      DATASOURCE_POLL_INTERVAL_MS: '1000',
    });
    await sync.ready;
    await eventually(async () => (await system.get('/v1/datasources')).status === 200);
  });
  afterAll(async () => {
    await broker.close();
    await system.close();
    await source.close();
    endpoint.closeAllConnections();
    endpoint.close();
  });

  /** Keeps all that the services send each other, and the changes. */
  async function listen(): Promise<void> {
    broker = await connect(system.broker.url);
    const channel = await broker.createChannel();
    for (const { name, type } of [exchanges.state, exchanges.requests, exchanges.changes, exchanges.deadLetters]) {
      await channel.assertExchange(name, type);
      const { queue } = await channel.assertQueue('', { exclusive: true });
      for (const key of type === 'topic' ? ['#'] : ['datasource-sync', 'datasources.snapshot'])
        await channel.bindQueue(queue, name, key);
      await channel.consume(
        queue,
        (message) => {
          if (!message) return;
          shown.push(message.content.toString(), JSON.stringify(message.properties));
          if (name === exchanges.changes.name) changes.push(JSON.parse(message.content.toString()) as DatasourceChange);
        },
        { noAck: true },
      );
    }
  }

  async function inSource<Row extends object>(sql: string): Promise<Row[]> {
    const client = new pg.Client({ connectionString: source.directUrl });
    await client.connect();
    try {
      return (await client.query<Row>(sql)).rows;
    } finally {
      await client.end();
    }
  }

  async function send<Answer>(method: string, path: string, body?: object): Promise<{ status: number; body: Answer }> {
    const response = await system.send(method, path, body);
    const text = await response.text();
    shown.push(text, JSON.stringify([...response.headers]));
    return { status: response.status, body: JSON.parse(text) as Answer };
  }
  const show = async (id: string): Promise<DatasourceBody> =>
    (await send<DatasourceBody>('GET', `/v1/datasources/${id}`)).body;
  const detail = async (id: string): Promise<DatasourceDetail> =>
    (await send<DatasourceDetail>('GET', `/v1/datasources/${id}/detail`)).body;
  const connectionString = (password: string): string =>
    Object.assign(new URL(source.directUrl), { username: 'replicator', password }).href;

  it('are rejected where the password is wrong, with what was found and what to do', async () => {
    const { status, body } = await send<DatasourceBody>('POST', '/v1/datasources', {
      connectionString: connectionString(WRONG_PASSWORD),
    });
    expect([status, body.status]).toEqual([201, 'rejected']);
    expect((await detail(body.id)).setup).toMatchObject({
      state: 'rejected',
      failures: [{ item: 'login', fix: expect.any(String) as string }],
    });
  });

  it('are the same one when they are registered again, with other credentials', async () => {
    const { status, body } = await send<DatasourceBody>('POST', '/v1/datasources', {
      connectionString: connectionString(PASSWORD),
      metadata: { team: 'sales' },
    });
    expect([status, body.status]).toEqual([201, 'active']);
    expect([isProduced(body), isProduced.errors]).toEqual([true, null]);
    const { body: list } = await send<{ data: DatasourceBody[] }>('GET', '/v1/datasources');
    expect(list.data).toEqual([body]);
    direct = body;
  });

  it('publish the rows that a database has, and each change from then on', async () => {
    const ofTable = (): DatasourceChange[] => changes.filter(({ datasource }) => datasource === direct.id);
    await eventually(() => ofTable().filter(({ op }) => op === 'read').length === 100);
    await inSource('UPDATE orders SET total = 5 WHERE id = 7; DELETE FROM orders WHERE id = 8');
    await eventually(() => ofTable().some(({ op }) => op === 'delete'));
    expect(ofTable().find(({ op }) => op === 'update')).toMatchObject({ key: { id: 7 }, after: { id: 7, total: '5' } });
    const { sync: state, freshness } = await eventually(async () => {
      const now = await detail(direct.id);
      return now.freshness.newest_change_at !== null && now;
    });
    expect([state.state, freshness.age_seconds! < 60]).toEqual(['streaming', true]);
  });

  it('poll an endpoint, whose lag is zero when a poll has proved it', async () => {
    const { port } = endpoint.address() as AddressInfo;
    // http: is for test mode.
    const { body: key } = await send<{ key: string }>('POST', '/v1/keys', {
      name: 't',
      role: 'admin',
      mode: 'test',
      account: 'operators',
    });
    shown.pop();
    shown.pop();
    const response = await system.send(
      'POST',
      '/v1/datasources',
      { endpoint: `http://127.0.0.1:${port}/source`, signingKey: SIGNING_KEY },
      key.key,
    );
    expect(response.status).toBe(201);
    polled = (await response.json()) as DatasourceBody;
    await eventually(async () => ((await show(polled.id)) as { event_lag?: number }).event_lag === 0);
    const body = await show(polled.id);
    // Ajv forgets what a `oneOf` has looked at unless its first branch holds, which here is that of live endpoints.
    const asLive = { ...body, environment: 'live', livemode: true };
    expect(body).toMatchObject({
      status: 'active',
      environment: 'test',
      livemode: false,
      key_last4: '1a2b',
      cursor: 'c1',
      retry_count: 0,
      last_error: null,
    });
    expect([isProduced(asLive), isProduced.errors]).toEqual([true, null]);
    expect(changes.filter(({ datasource }) => datasource === polled.id)).toMatchObject([
      { id: `${polled.id}:e1`, op: 'insert', key: { id: '7' } },
    ]);
  });

  it('stay active while their endpoint fails, with the number of failures and no lag while it is not known', async () => {
    isEndpointUp = false;
    const failing = await eventually(async () => {
      const now = (await show(polled.id)) as DatasourceBody & { retry_count: number };
      return now.retry_count > 0 && now;
    });
    expect(failing).toMatchObject({ status: 'active', last_error: expect.stringContaining('http_500') as string });
    expect(failing).not.toHaveProperty('event_lag');
    expect(await detail(polled.id)).toMatchObject({
      sync: { state: 'retrying', next_attempt_in_seconds: expect.any(Number) as number },
    });
    isEndpointUp = true;
    await eventually(async () => ((await show(polled.id)) as { retry_count: number }).retry_count === 0);
    expect(await show(polled.id)).toMatchObject({ event_lag: 0, last_error: null });
  });

  it('leave no slot behind when they are deleted, and say what is the customer’s own', async () => {
    const { status, body } = await send<{ left_behind?: unknown }>('DELETE', `/v1/datasources/${direct.id}`);
    expect(status).toBe(200);
    expect(JSON.stringify(body)).toContain('DROP PUBLICATION');
    expect((await send('GET', `/v1/datasources/${direct.id}`)).status).toBe(404);
    await eventually(async () => (await inSource('SELECT 1 FROM pg_replication_slots')).length === 0);
    await send('DELETE', `/v1/datasources/${polled.id}`);
    await eventually(async () => (await rowsOf('datasource')).length === 0);
  });

  it('show their credentials in no answer, log, message, metric or row', async () => {
    const workers = execFileSync('pgrep', ['-f', 'datasource-sync/bundle/worker'], { encoding: 'utf8' })
      .trim()
      .split('\n');
    expect(workers.length).toBeGreaterThan(0);
    const processes = [...workers, String(sync.pid)].flatMap((pid) =>
      ['cmdline', 'environ'].map((file) => readFileSync(`/proc/${pid}/${file}`, 'utf8')),
    );
    const metrics = await (await fetch(`http://127.0.0.1:${(await sync.ready).managementPort}/metrics`)).text();
    const stored = await Promise.all(['datasource', 'attempt', 'outbox', 'inbox'].map(rowsOf));
    expect(shown.length).toBeGreaterThan(100);
    const places = { shown, log: sync.output, gateway: system.service('gateway').output, processes, metrics, stored };
    for (const [place, text] of Object.entries(places))
      expect([place, CANARIES.exec(JSON.stringify(text))]).toEqual([place, null]);
  });

  async function rowsOf(table: string): Promise<object[]> {
    const client = new pg.Client({ connectionString: system.database.url });
    await client.connect();
    try {
      return (await client.query<object>(`SELECT * FROM datasource_sync.${table}`)).rows;
    } finally {
      await client.end();
    }
  }
});
