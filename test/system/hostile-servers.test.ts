import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { gitBomb } from '../support/hostile/git-bomb.js';
import { advertisementOf, uploadOf } from '../support/hostile/git-pack.js';
// @ts-expect-error plain JavaScript, which benchmarks use without a build
import { childrenOf as children, residentBytesOf as residentBytes } from '../support/processes.mjs';
import { Registry } from '../support/registry.js';
import type { System } from '../support/system.js';

const childrenOf = children as (pid: number) => number[];
const residentBytesOf = residentBytes as (pid: number) => number;

const MIB = 2 ** 20;

/** What servers of strangers did to the registry: each costs its own request now, and nothing else. */
describe('a hostile server', () => {
  let system: System;
  let registry: Registry;
  const servers: Server[] = [];
  const sockets: Socket[] = [];

  beforeAll(async () => {
    registry = await Registry.withGateway();
    ({ system } = registry);
    await registry.start({
      config: { projects: [{ name: 'p' }] },
      env: { SIGNALBOX_ALLOW_LOOPBACK_TARGETS: 'true' },
    });
    await registry.serving();
  });
  afterAll(async () => {
    for (const socket of sockets) socket.destroy();
    for (const server of servers) server.close();
    await registry.close();
  });

  const listen = async (server: Server): Promise<number> => {
    servers.push(server);
    server.on('connection', (socket: Socket) => sockets.push(socket.on('error', () => undefined)));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return (server.address() as AddressInfo).port;
  };
  const test = async (postgresConnection: object): Promise<{ status: number; body: Record<string, string> }> => {
    const response = await system.send('POST', '/api/v0/connections/test', {
      name: 'x',
      type: 'postgres',
      postgresConnection,
    });
    return { status: response.status, body: (await response.json()) as Record<string, string> };
  };
  const good = async (): Promise<unknown> => {
    const { status, body } = await test({ connectionString: system.database.url });
    return [status, body];
  };
  const OK = [200, { status: 'ok', errorMessage: '' }];
  const registryPid = (): number => system.service('registry').pid;

  it.each([
    ['an authentication request without its kind', [0x52, 0, 0, 0, 4]],
    ['an authentication of the type 7', [0x52, 0, 0, 0, 8, 0, 0, 0, 7]],
  ])('that sends %s ends one test', async (_, bytes) => {
    const port = await listen(createServer((socket) => socket.once('data', () => socket.write(Buffer.from(bytes)))));
    const { status, body } = await test({ host: '127.0.0.1', port, password: 'CANARY' });
    expect([status, body]).toEqual([
      200,
      { status: 'failed', errorMessage: expect.stringContaining(`127.0.0.1:${port}`) as unknown },
    ]);
    expect(body['errorMessage']).not.toContain('CANARY');
    expect(await good()).toEqual(OK);
    await registry.serving();
  });

  it('that sends a pack which unpacks to gigabytes ends one load, in a process of its own', async () => {
    const { head, pack } = gitBomb(390, 195);
    const port = await listen(
      createHttpServer((request, response) => {
        const [type, body] =
          request.method === 'GET' ? ['advertisement', advertisementOf(head)] : ['result', uploadOf(pack, head)];
        response.setHeader('content-type', `application/x-git-upload-pack-${type}`);
        response.end(body);
      }),
    );
    let most = 0;
    const before = residentBytesOf(registryPid());
    const watch = setInterval(() => (most = Math.max(most, residentBytesOf(registryPid()))), 20);
    const loads = await Promise.all(
      [0, 1, 2].map(async (n) => {
        const location = `http://127.0.0.1:${port}/bomb-${n}`;
        const response = await system.send('POST', '/api/v0/projects/p/packages', { name: `bomb-${n}`, location });
        return { status: response.status, text: await response.text() };
      }),
    );
    clearInterval(watch);
    expect(most - before).toBeLessThan(64 * MIB);
    for (const { text } of loads) expect(text).toContain(`127.0.0.1:${port}`);
    expect(await good()).toEqual(OK);
  }, 120_000);

  it('meets a process that knows nothing but its own test', async () => {
    const silent = createServer();
    const port = await listen(silent);
    const outcome = test({ host: '127.0.0.1', port, userName: 'u', password: 'CANARY' });
    await once(silent, 'connection');
    const processes = childrenOf(registryPid());
    expect(processes.length).toBeGreaterThan(0);
    for (const pid of processes) {
      const [environment, command] = ['environ', 'cmdline'].map((file) => readFileSync(`/proc/${pid}/${file}`, 'utf8'));
      expect(environment!.split('\0').filter((each) => !/^(OLD)?PWD=|^$/.test(each))).toEqual([]);
      expect(command).not.toContain('CANARY');
      expect(command).toContain('permission');
    }
    for (const socket of sockets) socket.destroy();
    expect((await outcome).body).toMatchObject({ status: 'failed' });
  });

  it('that does not answer 150 tests delays no change of another caller', async () => {
    const server = createServer();
    const port = await listen(server);
    const keys = await system.send('POST', '/v1/keys', { name: 'manager', role: 'manager', mode: 'test' });
    const { key } = (await keys.json()) as { key: string };
    const body = { name: 'x', type: 'postgres', postgresConnection: { host: '127.0.0.1', port } };
    const tests = Array.from({ length: 150 }, async () => {
      const response = await system.send('POST', '/api/v0/connections/test', body, key);
      const retryAfter = response.headers.get('retry-after');
      return { status: response.status, retryAfter, text: await response.text() };
    });
    const first = await Promise.race(tests);
    const patched = await system.send('PATCH', '/api/v0/projects/p', { readme: 'changed' });
    expect(patched.status).toBe(200);
    expect(first).toEqual({
      status: 429,
      retryAfter: '5',
      text: expect.stringContaining('of this caller are at work and waiting as may be. Nothing was done.') as unknown,
    });
    server.close();
    for (const socket of sockets) socket.destroy();
    const outcomes = await Promise.all(tests);
    const refused = outcomes.filter(({ status }) => status === 429).length;
    // 16 at a time and 16 that wait, and others in their place when the first have ended.
    expect(refused).toBeGreaterThan(0);
    expect(refused).toBeLessThanOrEqual(150 - 16);
    expect(await good()).toEqual(OK);
  }, 120_000);
});
