import { readFileSync } from 'node:fs';
import { eventually } from '@signalbox/testing';
import { Ajv2020 } from 'ajv/dist/2020.js';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { beat, BeatPublisher } from '../support/beating.js';
import { System } from '../support/system.js';

const schema = JSON.parse(
  readFileSync(new URL('../contracts/reader-status.schema.json', import.meta.url), 'utf8'),
) as object;
const matchesDocument = new Ajv2020({ strict: false }).compile(schema);

/** From the AMQP message to the bytes of GET /status: a broker, a database, two services. Each test continues from the one before. */
describe('GET /status', () => {
  let system: System;
  let readers: BeatPublisher;

  beforeAll(async () => {
    system = await System.create();
    await system.startGateway();
  });
  afterAll(async () => {
    await readers?.close();
    await system.close();
  });

  const storedSeq = async (readerId: string): Promise<string | undefined> => {
    const client = new pg.Client({ connectionString: system.database.url });
    await client.connect();
    try {
      const text = 'SELECT seq FROM reader_heartbeat.reader WHERE reader_id = $1';
      return (await client.query<{ seq: string }>(text, [readerId])).rows[0]?.seq;
    } finally {
      await client.end();
    }
  };

  it('has null, and /healthz is unhealthy, while the readers are not known', async () => {
    const body = await system.status();
    expect(body.status).toBeNull();
    expect(matchesDocument(body)).toBe(true);
    const health = await system.get('/healthz', {});
    expect(health.status).toBe(503);
    expect(await health.json()).toEqual({ status: 'unhealthy', readers: null });
    expect((await system.get('/readyz', {})).status).toBe(503);
  });

  it('has empty maps when no reader ever published a heartbeat', async () => {
    await system.startReaderHeartbeat();
    readers = await BeatPublisher.open(system.broker.url);
    await eventually(async () => (await system.get('/readyz', {})).status === 200);
    const body = await system.status();
    expect(body.status).toEqual({
      dead_readers: {},
      last_heartbeat: {},
      live_readers: {},
      loading_readers: {},
      reserved_consumers: ['primary'],
    });
    const health = await system.get('/healthz', {});
    expect([health.status, await health.json()]).toEqual([
      503,
      { status: 'unhealthy', readers: { loading: 0, live: 0, dead: 0 } },
    ]);
  });

  it('shows each member of a reader as its heartbeat has it', async () => {
    const before = Math.floor(Date.now() / 1_000);
    await readers.send(
      beat('llama-70b-0', { state: 'loading', consumer_groups: ['primary', 'batch'], unknown_member: 1 }),
    );
    await eventually(async () => (await system.mapOf('llama-70b-0')) === 'loading');
    const body = await system.status();
    expect(matchesDocument(body)).toBe(true);
    expect(body.status?.loading_readers).toEqual({
      'llama-70b-0': {
        consumer_groups: ['primary', 'batch'],
        consumer_name: 'llama-70b-0',
        device: 'cuda',
        model_name: 'llama-3-70b',
        model_type: 'chat',
        pids: [4121, 4122],
      },
    });
    const { heartbeat_timestamp: at, heartbeat_wait_interval: interval } = body.status!.last_heartbeat['llama-70b-0']!;
    expect(interval).toBe(10);
    expect(at).toBeGreaterThanOrEqual(before);
    expect(at).toBeLessThanOrEqual(Math.ceil(Date.now() / 1_000));
    expect((await system.get('/healthz', {})).status).toBe(503);
    expect((await system.get('/healthz?state=loading', {})).status).toBe(200);
  });

  it('answers a client that waits at /healthz when the readers are live', async () => {
    const waiting = system.get('/healthz?wait=60', {});
    await readers.send(beat('llama-70b-0'));
    const health = await waiting;
    expect([health.status, await health.json()]).toEqual([
      200,
      { status: 'healthy', readers: { loading: 0, live: 1, dead: 0 } },
    ]);
    expect(await system.mapOf('llama-70b-0')).toBe('live');
  });

  it('accepts many heartbeats in one message and readers of any name', async () => {
    await readers.send([beat('__proto__'), beat('constructor'), beat('a/b:c.d-e_f')]);
    await eventually(async () => (await system.mapOf('a/b:c.d-e_f')) === 'live');
    const text = await (await system.get('/status')).text();
    expect(text).toContain('"__proto__":{"consumer_groups"');
    expect(await system.mapOf('constructor')).toBe('live');
    await readers.send(['__proto__', 'constructor', 'a/b:c.d-e_f'].map((id) => beat(id, { state: 'stopping' })));
    await eventually(async () => (await system.mapOf('constructor')) === undefined);
  });

  it('moves the time of the last heartbeat with each beat', async () => {
    const at = async () => (await system.status()).status!.last_heartbeat['llama-70b-0']!.heartbeat_timestamp;
    const before = await at();
    const after = await eventually(async () => {
      await readers.send(beat('llama-70b-0'));
      const now = await at();
      return now > before && now;
    });
    expect(Math.abs(after - Date.now() / 1_000)).toBeLessThan(30);
  });

  it('has an ETag that changes with what is shown', async () => {
    const first = await system.get('/status');
    const etag = first.headers.get('etag')!;
    const known = { 'x-api-key': system.adminKey, 'if-none-match': etag };
    expect((await system.get('/status', known)).status).toBe(304);
    await readers.send(beat('another', { state: 'loading' }));
    const changed = await eventually(async () => {
      const response = await system.get('/status', known);
      return response.status === 200 && response;
    });
    expect(changed.headers.get('etag')).not.toBe(etag);
    await readers.send(beat('another', { state: 'stopping' }));
  });

  it('admits the role admin only', async () => {
    const made = (await (await system.send('POST', '/v1/keys', { name: 'a dashboard', role: 'member' })).json()) as {
      key: string;
    };
    const manager = (await (await system.send('POST', '/v1/keys', { name: 'a tool', role: 'manager' })).json()) as {
      key: string;
    };
    const tries: [Record<string, string>, number][] = [
      [{}, 401],
      [{ 'x-api-key': 'nonsense' }, 401],
      [{ authorization: 'Basic YTpi' }, 401],
      [{ 'x-api-key': made.key }, 403],
      [{ authorization: `Bearer ${manager.key}` }, 403],
      [{ authorization: `Bearer ${system.adminKey}` }, 200],
    ];
    for (const [headers, expected] of tries) {
      const response = await system.get('/status', headers);
      expect([headers, response.status]).toEqual([headers, expected]);
      if (expected === 200) continue;
      expect(response.headers.get('content-type')).toBe('application/problem+json');
      expect(response.headers.get('www-authenticate')).toBe(expected === 401 ? 'Bearer' : null);
      const problem = (await response.json()) as Record<string, unknown>;
      expect(problem).toMatchObject({
        status: expected,
        code: expect.any(String),
        request_id: response.headers.get('x-request-id'),
      });
    }
  });

  it('dead-letters what is not a heartbeat, with the reason, and counts the heartbeats beside it', async () => {
    await readers.send([beat('good-0'), { reader_id: 'bad', password: 'hunter2' }, beat('good-1')]);
    await readers.send(Buffer.from('{"reader_id": '));
    await readers.send(Buffer.from([0xff, 0xfe]));
    await eventually(
      async () => (await system.mapOf('good-1')) === 'live' && (await system.mapOf('good-0')) === 'live',
    );
    const deadLetter = await eventually(async () => {
      const message = await readers.take('dead-letters.heartbeats');
      return message ?? false;
    });
    const rest = [
      await eventually(() => readers.take('dead-letters.heartbeats')),
      await eventually(() => readers.take('dead-letters.heartbeats')),
    ];
    const reasons = [deadLetter, ...rest].map(({ headers }) => headers['x-reason']);
    expect(new Set(reasons)).toEqual(new Set(['bad-heartbeat', 'not-json', 'not-utf8']));
    const bad = [deadLetter, ...rest].find(({ headers }) => headers['x-reason'] === 'bad-heartbeat')!;
    expect(bad.headers['x-detail']).toContain('consumer_name: ');
    await readers.send([beat('good-0', { state: 'stopping' }), beat('good-1', { state: 'stopping' })]);
    await eventually(async () => (await system.mapOf('good-1')) === undefined);
  });

  it('knows the readers again after a kill of either service', async () => {
    await readers.send(beat('survivor', { heartbeat_wait_interval: 3_600, boot_id: 'one', seq: 7 }));
    await eventually(async () => (await system.mapOf('survivor')) === 'live');
    // It is written after it is shown; until then a kill loses it.
    await eventually(async () => (await storedSeq('survivor')) === '7');
    await system.kill('reader-heartbeat');
    expect(await system.mapOf('survivor')).toBe('live');
    const down = await eventually(async () => {
      const { status, checks } = await system.health();
      return checks['owner of readers.0']?.status === 'down' && { status, since: checks['owner of readers.0'].since! };
    });
    // The gateway stays ready, and its check has the time since when the owner is down.
    expect(down.status).toBe('ready');
    expect(Date.now() - down.since).toBeGreaterThan(5_000);
    await system.startReaderHeartbeat();
    await readers.send(beat('survivor', { heartbeat_wait_interval: 3_600, boot_id: 'one', seq: 7, state: 'stopping' }));
    await readers.send(beat('newcomer', { heartbeat_wait_interval: 3_600 }));
    await eventually(async () => (await system.mapOf('newcomer')) === 'live');
    // Its seq continues, so it has loaded the state from before the kill.
    expect(await system.mapOf('survivor')).toBe('live');
  });

  it('shows after a restart of the gateway the time of the last heartbeat of a reader, not of its last change', async () => {
    const at = async () => (await system.status()).status!.last_heartbeat['newcomer']?.heartbeat_timestamp ?? 0;
    const changed = await at();
    const beaten = await eventually(async () => {
      await readers.send(beat('newcomer', { heartbeat_wait_interval: 3_600 }));
      const now = await at();
      return now >= changed + 2 && now;
    });
    await system.service('gateway').stop();
    await system.startGateway();
    await eventually(async () => (await at()) >= beaten);
    expect(await system.mapOf('survivor')).toBe('live');
  });
});
