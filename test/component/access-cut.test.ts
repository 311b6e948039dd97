import { randomUUID } from 'node:crypto';
import { eventually, TcpProxy } from '@signalbox/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { System, type SystemInProcess } from '../support/system.js';

interface Made {
  readonly id: string;
  readonly key: string;
}

interface Problem {
  readonly status: number;
  /** Undefined where the shape of the API's errors has none. */
  readonly code: string | undefined;
  readonly text: string;
}

/** The same server through a proxy. */
async function proxied(url: string): Promise<{ proxy: TcpProxy; url: string }> {
  const through = new URL(url);
  const proxy = await TcpProxy.start({ host: through.hostname, port: Number(through.port) });
  through.hostname = '127.0.0.1';
  through.port = String(proxy.port);
  return { proxy, url: through.href };
}

/** Two gateways: keys are revoked at the first, while the lines of the second are cut. */
describe('a gateway that is cut off', () => {
  let system: SystemInProcess;
  let broker: TcpProxy;
  let database: TcpProxy;
  let cutOff: string;

  beforeAll(async () => {
    system = await System.inProcess();
    // The first one owns the stream.
    await system.startGateway();
    const lines = { broker: await proxied(system.broker.url), database: await proxied(system.database.url) };
    [broker, database] = [lines.broker.proxy, lines.database.proxy];
    const env = { RABBITMQ_URL: lines.broker.url, DATABASE_URL: lines.database.url };
    const service = system.start('gateway', system.gatewayEnvironment({ ...env, SIGNALBOX_ACCESS_STALE_LIMIT: '18s' }));
    cutOff = `http://127.0.0.1:${(await service.ready).port}`;
    await eventually(async () => (await at('GET', '/v1/keys', system.adminKey)).status === 200);
  });
  afterAll(async () => {
    broker.restore();
    database.restore();
    await system.close();
    await Promise.all([broker.close(), database.close()]);
  });

  /** A request to the gateway whose lines are cut. */
  const at = async (method: string, path: string, key: string, body?: object): Promise<Problem> => {
    const type: Record<string, string> = body === undefined ? {} : { 'content-type': 'application/json' };
    const response = await fetch(`${cutOff}${path}`, {
      method,
      headers: { 'x-api-key': key, ...type },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    const { code } = (text === '' ? {} : JSON.parse(text)) as { code?: string };
    return { status: response.status, code, text };
  };
  const make = async (rules: object = {}): Promise<Made> => {
    const response = await system.send('POST', '/v1/keys', { name: `cut ${randomUUID()}`, role: 'admin', ...rules });
    expect(response.status).toBe(201);
    const made = (await response.json()) as Made;
    await eventually(async () => (await at('GET', '/status', made.key)).status === 200);
    return made;
  };
  const revoke = async ({ id }: Made): Promise<void> => {
    expect((await system.send('DELETE', `/v1/keys/${id}`)).status).toBe(204);
  };
  const names = async (): Promise<string[]> => {
    const { data } = (await (await system.get('/v1/keys')).json()) as { data: { name: string }[] };
    return data.map(({ name }) => name);
  };
  const refused = expect.objectContaining({ status: 401, code: 'api_key_invalid' }) as unknown;
  /** In the shape of each API. */
  const unverified = expect.objectContaining({
    status: 503,
    text: expect.stringContaining('this credential is still valid') as string,
  }) as unknown;

  it('from the broker lets a revoked key change nothing, and from then on read nothing', async () => {
    const [revoked, token] = [await make(), await make()];
    const { token: jwt } = (await (await system.send('POST', '/v1/tokens', {}, token.key)).json()) as { token: string };
    await eventually(async () => (await at('GET', '/status', jwt)).status === 200);
    broker.cut();
    await revoke(revoked);
    await revoke(token);
    // What memory knows is old.
    expect((await at('GET', '/status', revoked.key)).status).toBe(200);
    expect(await at('POST', '/v1/keys', revoked.key, { name: 'with a revoked key' })).toEqual(refused);
    expect(await at('GET', '/status', revoked.key)).toEqual(refused);
    expect(await at('DELETE', '/v1/tokens/token_none', jwt)).toMatchObject({ status: 401, code: 'token_revoked' });
    expect(await at('POST', '/v1/keys', system.adminKey, { name: 'with a valid key' })).toMatchObject({ status: 201 });
    broker.restore();
    expect(await names()).toEqual(expect.arrayContaining(['with a valid key']));
    expect(await names()).not.toContain('with a revoked key');
    await eventually(async () => (await at('GET', '/status', token.key)).status === 401);
  });

  it('from the database receives a revocation, and goes on by what it knows', async () => {
    const revoked = await make();
    database.cut();
    await revoke(revoked);
    await eventually(async () => (await at('GET', '/status', revoked.key)).status === 401);
    expect(await at('POST', '/v1/keys', revoked.key, { name: 'x' })).toEqual(refused);
    // Memory is current: what the request needs decides.
    expect(await at('DELETE', '/reader/none', system.adminKey)).not.toEqual(unverified);
    database.restore();
    await eventually(async () => (await at('POST', '/v1/keys', system.adminKey, { name: 'again' })).status === 201);
  });

  it('from both answers no change, reads until its limit, and writes nothing later', async () => {
    const revoked = await make();
    broker.cut();
    database.cut();
    await revoke(revoked);
    const changes: [method: string, path: string, body?: object][] = [
      ['POST', '/v1/keys', { name: 'while cut off' }],
      ['DELETE', `/v1/keys/${revoked.id}`],
      ['PUT', '/v1/tiers/cut', { requests_per_hour: 1, burst_per_second: 1 }],
      ['PUT', '/api/admin/restart'],
      ['DELETE', '/reader/none'],
      ['POST', '/api/v0/projects', { name: 'cut' }],
      ['POST', '/api/v0/connections/test', { name: 'cut' }],
      ['GET', '/api/v0/status?reload=true'],
    ];
    await eventually(async () => (await at('DELETE', '/reader/none', revoked.key)).code === 'access_unverified', {
      timeoutMs: 20_000,
    });
    for (const [method, path, body] of changes)
      for (const key of [revoked.key, system.adminKey])
        expect([method, path, await at(method, path, key, body)]).toEqual([method, path, unverified]);
    expect((await at('GET', '/status', system.adminKey)).status).toBe(200);
    await eventually(async () => (await at('GET', '/status', system.adminKey)).status === 503, { timeoutMs: 20_000 });
    expect(await at('GET', '/status', system.adminKey)).toEqual(unverified);
    broker.restore();
    database.restore();
    await eventually(async () => (await at('GET', '/status', revoked.key)).status === 401, { timeoutMs: 20_000 });
    await eventually(async () => (await at('POST', '/v1/keys', system.adminKey, { name: 'restored' })).status === 201, {
      timeoutMs: 20_000,
    });
    expect(await names()).not.toContain('while cut off');
    const tiers = (await (await system.get('/v1/tiers')).json()) as { data: { name: string }[] };
    expect(tiers.data.map(({ name }) => name)).not.toContain('cut');
  });
});
