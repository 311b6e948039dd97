import { createServer, type AddressInfo, type Socket } from 'node:net';
import { eventually } from '@signalbox/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Registry, type RegistryInProcess } from '../support/registry.js';
import type { SystemInProcess } from '../support/system.js';

/** More than the requests that the registry handles at once. */
const TESTS = 120;
/** Of one caller, at work and waiting at the gateway. */
const TAKEN = 32;
/** More than are refused at once in a second. */
const MORE = 60;

/** A server that takes connections and says nothing. */
class SilentServer {
  readonly sockets = new Set<Socket>();
  private readonly server = createServer((socket) => {
    this.sockets.add(socket);
    socket.on('error', () => undefined).on('close', () => this.sockets.delete(socket));
  });

  async listen(): Promise<this> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    return this;
  }

  get body(): object {
    const { port } = this.server.address() as AddressInfo;
    return { type: 'postgres', postgresConnection: { host: '127.0.0.1', port } };
  }

  /** From now on a connection is refused at once. */
  close(): void {
    this.server.close();
    for (const socket of this.sockets) socket.destroy();
  }
}

describe('a manager that has more connections tested than may be', { timeout: 60_000 }, () => {
  let system: SystemInProcess;
  let registry: RegistryInProcess;
  const keys: string[] = [];
  const [silent, other] = [new SilentServer(), new SilentServer()];
  const left = new AbortController();
  const refused: Response[] = [];
  let answered = 0;

  const test = (server: SilentServer, key: string): Promise<Response> =>
    fetch(`${system.baseUrl}/api/v0/connections/test`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-api-key': key },
      body: JSON.stringify(server.body),
      signal: left.signal,
    });

  const testMany = (count: number): void => {
    for (let sent = 0; sent < count; sent += 1)
      test(silent, keys[0]!).then(
        (response) => {
          if (response.status === 429) refused.push(response);
          else answered += 1;
        },
        () => undefined,
      );
  };

  beforeAll(async () => {
    registry = await Registry.withGatewayInProcess();
    ({ system } = registry);
    await registry.start({ config: {}, env: { SIGNALBOX_ALLOW_LOOPBACK_TARGETS: 'true' } });
    await registry.serving();
    await Promise.all([silent.listen(), other.listen()]);
    await system.send('POST', '/api/v0/projects', { name: 'shop' });
    for (const name of ['busy', 'other']) {
      const response = await system.send('POST', '/v1/keys', { name, role: 'manager' });
      keys.push(((await response.json()) as { key: string }).key);
    }
    testMany(TESTS);
  });
  afterAll(async () => {
    left.abort();
    for (const server of [silent, other]) server.close();
    await registry.close();
  });

  it('is refused the rest at once, with the time after which it may come again', async () => {
    await eventually(() => refused.length > TESTS / 2);
    expect(answered).toBeLessThan(TAKEN);
    const headers = new Set(refused.map((response) => response.headers.get('retry-after')));
    expect(headers).toEqual(new Set(['5']));
    expect(await refused[0]!.json()).toEqual({ code: 429, message: expect.stringContaining('of this caller') });
  });

  it('is answered what else it sends, while it goes on', async () => {
    testMany(MORE);
    const headers = { 'x-api-key': keys[0]! };
    for (const path of ['/api/v0/status', '/api/v0/projects/shop'])
      expect([path, (await fetch(`${system.baseUrl}${path}`, { headers })).status]).toEqual([path, 200]);
    await eventually(() => refused.length >= TESTS + MORE - 2 * TAKEN);
  });

  it('does not keep a change of another caller, a read or liveness waiting', async () => {
    expect((await system.send('PATCH', '/api/v0/projects/shop', { readme: '# Shop' })).status).toBe(200);
    for (const path of ['/status', '/livez', '/v1/keys', '/api/v0/projects/shop'])
      expect([path, (await system.get(path)).status]).toEqual([path, 200]);
    expect(answered).toBeLessThan(TAKEN);
  });

  it('does not keep a connection test of another caller waiting', async () => {
    test(other, keys[1]!).catch(() => undefined);
    await eventually(() => other.sockets.size > 0);
    expect(silent.sockets.size).toBeGreaterThan(0);
    expect(answered).toBeLessThan(TAKEN);
  });
});
