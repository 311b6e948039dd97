import { connect } from 'node:net';
import { freePort } from '@signalbox/local-infra';
import { eventually } from '@signalbox/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BrokerQuestions } from '../support/broker-questions.js';
import { ServiceInProcess } from '../support/service-in-process.js';
import { System, type SystemInProcess } from '../support/system.js';

interface Created {
  id: string;
  key: string;
}

interface Entry {
  resource: string;
  result: string;
  key_id: string | null;
  address: string;
  detail: { code?: string; count: number };
}

describe('what the gateway answers RabbitMQ about API keys', () => {
  let system: SystemInProcess;
  let port: number;
  let broker: BrokerQuestions;
  let reader: Created;
  let agent: Created;

  const made = async (body: object): Promise<Created> => {
    const response = await system.send('POST', '/v1/keys', { name: 'k', ...body });
    expect(response.status).toBe(201);
    return (await response.json()) as Created;
  };
  /** What `POST /broker/user` answers to other requests than those of RabbitMQ. */
  const status = async (path: string, init: RequestInit): Promise<number> =>
    (await fetch(`http://127.0.0.1:${port}${path}`, init)).status;

  beforeAll(async () => {
    system = await System.inProcess();
    port = await freePort();
    broker = new BrokerQuestions(port, system.broker.vhost);
    await system.startGateway({ SIGNALBOX_BROKER_AUTH_PORT: String(port), SIGNALBOX_DRAIN_MS: '0' });
    await eventually(
      async () => (await system.send('PUT', '/v1/tiers/t', { requests_per_hour: 1, burst_per_second: 1 })).ok,
    );
    reader = await made({ kind: 'reader', readers: 'llama-*' });
    agent = await made({ kind: 'agent', dataplane: 'main' });
  });
  afterAll(() => system?.close());

  it('lets a key log in as its id, to one virtual host, and use what is its own', async () => {
    for (const { id, key } of [reader, agent]) {
      expect(await broker.login(id, key)).toBe('allow');
      expect(await broker.connection(id)).toBe('allow');
      expect(await broker.connection(id, { vhost: '/' })).toBe('deny');
      expect(await broker.use(id, 'configure', 'queue', 'amq.gen-1')).toBe('deny');
    }
    const { id } = reader;
    expect(await broker.use(id, 'write', 'exchange', 'signalbox.heartbeats')).toBe('allow');
    expect(await broker.topic(id, 'write', 'signalbox.heartbeats', 'llama-7')).toBe('allow');
    expect(await broker.topic(id, 'write', 'signalbox.heartbeats', 'mistral-7')).toBe('deny');
    expect(await broker.use(agent.id, 'read', 'queue', 'dataplane.main.control')).toBe('allow');
    expect(await broker.use(agent.id, 'read', 'queue', 'dataplane.other.control')).toBe('deny');
  });

  it('lets nothing else log in', async () => {
    const secret = await made({});
    const publishable = await made({ kind: 'publishable' });
    const expiring = await made({
      kind: 'reader',
      readers: '*',
      expires_at: new Date(Date.now() + 3_600_000).toISOString(),
    });
    for (const [user, password] of [
      [secret.id, secret.key],
      [publishable.id, publishable.key],
      [reader.id, agent.key],
      [reader.id, secret.key],
      [reader.id, ''],
      [reader.id, `${reader.key}x`],
      ['gateway', system.adminKey],
      ['', ''],
    ] as const)
      expect([user, await broker.login(user, password)]).toEqual([user, 'deny']);
    // A key of another kind has no connection and no rights, even if it had logged in.
    expect(await broker.connection(secret.id)).toBe('deny');
    expect(await broker.use(secret.id, 'write', 'exchange', 'signalbox.heartbeats')).toBe('deny');
    expect(await broker.connection('key_unknown')).toBe('deny');
    expect(await broker.ask('user', {})).toBe('deny');
    expect(await broker.ask('topic', { username: reader.id })).toBe('deny');
    expect(await broker.login(expiring.id, expiring.key)).toBe('allow');
    expect((await system.send('DELETE', `/v1/keys/${expiring.id}`)).status).toBe(204);
    expect(await broker.login(expiring.id, expiring.key)).toBe('deny');
    expect(await broker.connection(expiring.id)).toBe('deny');
    expect(await broker.topic(expiring.id, 'write', 'signalbox.heartbeats', 'x')).toBe('deny');
  });

  it('lets a key connect from its networks only', async () => {
    const { id, key } = await made({ kind: 'reader', readers: '*', networks: ['10.1.0.0/16'] });
    expect(await broker.login(id, key)).toBe('allow');
    expect(await broker.connection(id, { ip: '10.1.2.3' })).toBe('allow');
    expect(await broker.connection(id, { ip: '::ffff:10.1.2.3' })).toBe('allow');
    for (const ip of ['10.2.2.3', '', 'unknown'])
      expect([ip, await broker.connection(id, { ip })]).toEqual([ip, 'deny']);
  });

  it('gives no right to a user with a tag, as a login for the management API has', async () => {
    const tags = 'management';
    expect(await broker.connection(reader.id, { tags })).toBe('deny');
    const question = { username: reader.id, vhost: system.broker.vhost, permission: 'write', tags };
    const name = 'signalbox.heartbeats';
    expect(await broker.ask('resource', { ...question, resource: 'exchange', name })).toBe('deny');
    expect(await broker.ask('topic', { ...question, resource: 'topic', name, routing_key: 'llama-1' })).toBe('deny');
  });

  it('refuses tokens of the API, and forged ones', async () => {
    const issued = (await (await system.send('POST', '/v1/tokens', {})).json()) as { key_id: string; token: string };
    expect(await broker.login(issued.key_id, issued.token)).toBe('deny');
    const [head, , signature] = issued.token.split('.');
    expect(await broker.login(reader.id, `${head}.e30.${signature}`)).toBe('deny');
    expect(await broker.login(reader.id, 'eyJ')).toBe('deny');
  });

  it('answers other requests with 4xx, and reads no large body', async () => {
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    expect(await status('/broker/user', {})).toBe(405);
    expect(await status('/broker/other', { method: 'POST', headers: form, body: 'a=b' })).toBe(404);
    expect(await status('/broker/user?username=x', { method: 'POST', headers: form, body: 'a=b' })).toBe(404);
    expect(await status('/broker/user', { method: 'POST', headers: { 'content-type': 'text/plain' }, body: 'a' })).toBe(
      415,
    );
    expect(await status('/broker/user', { method: 'POST', headers: form, body: 'a'.repeat(8_193) })).toBe(413);
    expect(await status('/broker/user', { method: 'POST', headers: form, body: 'a'.repeat(8_192) })).toBe(200);
    const chunked = await new Promise<string>((resolve) => {
      const socket = connect({ port, host: '127.0.0.1' });
      let answer = '';
      socket.on('data', (data) => (answer += data.toString()));
      socket.on('close', () => resolve(answer));
      socket.on('error', () => undefined);
      const head = 'POST /broker/user HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n';
      socket.write(`${head}content-type: ${form['content-type']}\r\n\r\n2001\r\n${'a'.repeat(0x2001)}`);
    });
    expect(chunked).toMatch(/^HTTP\/1\.1 413 /);
    const metrics = await (await fetch(`http://127.0.0.1:${system.managementPort}/metrics`)).text();
    expect(metrics).toMatch(/signalbox_broker_key_decisions_total\{[^}]*path="vhost"[^}]*result="allow"[^}]*\} [1-9]/);
  });

  it('says in the audit trail who logged in and who was refused', async () => {
    const journal = system.start('journal');
    await journal.ready;
    const entries = async (): Promise<Entry[]> => {
      const response = await system.get('/v1/audit?action=broker-login&limit=100');
      return response.ok ? ((await response.json()) as { data: Entry[] }).data : [];
    };
    const other = await freePort();
    const gateway = new ServiceInProcess('gateway', {
      ...system.gatewayEnvironment({ SIGNALBOX_BROKER_AUTH_PORT: String(other), SIGNALBOX_DRAIN_MS: '0' }),
    });
    await gateway.ready;
    const questions = new BrokerQuestions(other, system.broker.vhost);
    await eventually(async () => (await questions.login(reader.id, reader.key)) === 'allow');
    for (let i = 0; i < 3; i++) await questions.connection(reader.id, { ip: '192.0.2.7' });
    for (let i = 0; i < 2; i++) await questions.login('stranger', 'secret-of-a-stranger');
    await questions.login(agent.id, reader.key);
    // It records what it has counted when it stops, else once a minute.
    await gateway.stop();
    const wanted = [
      { resource: reader.id, result: 'accepted', address: '192.0.2.7', detail: { count: 3 } },
      { resource: 'stranger', result: 'refused', detail: { code: 'api_key_invalid', count: 2 } },
      { key_id: reader.id, result: 'refused', detail: { code: 'key_of_another_user', count: 1 } },
    ];
    await expect
      .poll(entries, { timeout: 20_000 })
      .toEqual(expect.arrayContaining(wanted.map((entry) => expect.objectContaining(entry))));
    expect(JSON.stringify(await entries())).not.toContain('secret-of-a-stranger');
  });
});
