import { unservedRoutes } from '@signalbox/contracts/http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sendRaw, type RawAnswer } from '../support/raw-request.js';
import { System, type SystemInProcess } from '../support/system.js';

/** `requests` of Python, which the command line of the platform uses. */
const REQUESTS = [
  'Host',
  'User-Agent: python-requests/2.32.5',
  'Accept-Encoding: gzip, deflate',
  'Accept: */*',
  'Connection: keep-alive',
];
/** `axios`, which the command line of the registry uses. */
const AXIOS = [
  'Accept: application/json, text/plain, */*',
  'User-Agent: axios/1.13.2',
  'Accept-Encoding: gzip, compress, deflate, br',
  'Host',
];
/** `httpx` of Python, which the client of the readers uses. */
const HTTPX = [
  'Host',
  'Accept: */*',
  'Accept-Encoding: gzip, deflate',
  'Connection: keep-alive',
  'User-Agent: python-httpx/0.28.1',
];

/** What these clients make of `http://user:password@host`. */
const basic = (user: string, password: string): string =>
  `Authorization: Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
const json = ({ body }: RawAnswer): unknown => JSON.parse(body);

/** The bytes that clients send which were written for the originals of the APIs. */
describe('a client of an original', () => {
  let system: SystemInProcess;
  beforeAll(async () => {
    system = await System.inProcess();
    await system.startGateway({ SIGNALBOX_KEYLESS_MANAGEMENT: 'true', SIGNALBOX_KEYLESS_HOSTS: 'Readers.example' });
  });
  afterAll(async () => {
    await system.close();
  });

  const created = async (path: string, body: unknown): Promise<Record<string, string>> => {
    const response = await system.send('POST', path, body);
    expect(response.status).toBe(201);
    return (await response.json()) as Record<string, string>;
  };

  describe('the command line of the platform', () => {
    let bearer: string;
    beforeAll(async () => {
      const { id } = await created('/v1/keys', { name: 'cli', role: 'admin' });
      const { token } = await created('/v1/tokens', { key_id: id, ttl_seconds: 90 * 86_400 });
      bearer = `Authorization: Bearer ${token}`;
    });
    const send = (line: string, ...more: string[]): Promise<RawAnswer> =>
      sendRaw(system.baseUrl, { line, headers: [...REQUESTS, ...more] });
    /** Its session sends the type with each request, also without a body. */
    const call = (line: string, ...more: string[]) => send(line, bearer, 'Content-Type: application/json', ...more);

    it('can decode the token, and finds that it is valid for more than a week', () => {
      const [header, payload, signature] = bearer.split(' ')[2]!.split('.');
      const [, claims] = [header, payload].map((part) => JSON.parse(Buffer.from(part!, 'base64url').toString()));
      expect(signature).toMatch(/^[\w-]+$/);
      expect((claims as { exp: number }).exp - Date.now() / 1_000).toBeGreaterThan(8 * 86_400);
    });

    it('passes each check of `doctor`', async () => {
      const [status, document, keyless] = [
        await send('GET /api/status', bearer),
        await send('GET /api/openapi.json', bearer),
        await send('GET /api/status'),
      ];
      expect([status.status, json(status)]).toEqual([
        200,
        expect.objectContaining({ dataplane_healthcheck: 'UNHEALTHY' }),
      ]);
      expect((json(document) as { paths: object }).paths).toHaveProperty(['/api/status', 'get']);
      expect([keyless.status, keyless.headers['www-authenticate']]).toEqual([401, 'Bearer']);
      expect(json(keyless)).toEqual({ detail: expect.any(String) as string });
    });

    it.each([
      'GET /api/users?page=1&size=100',
      'GET /api/datastores/1',
      'POST /api/operations/run',
      'PUT /api/operations/abort/7',
      'GET /api/quality-checks?datastore=1&page=1&size=100',
    ])('learns why %s is not served', async (line) => {
      const answer = await call(line, ...(line.startsWith('GET') ? [] : ['Content-Length: 0']));
      expect([answer.status, json(answer)]).toEqual([
        501,
        { detail: expect.stringMatching(/^Signalbox .+\.$/) as string },
      ]);
    });
  });

  describe('the command line of the registry', () => {
    const send = (line: string, authorization: string, ...more: string[]): Promise<RawAnswer> =>
      sendRaw(system.baseUrl, { line, headers: [...AXIOS, authorization, 'Connection: keep-alive', ...more] });

    it('sends the key in the address', async () => {
      const { key } = await created('/v1/keys', { name: 'cli', role: 'manager' });
      expect((await send('GET /api/v0/status', basic('any', key!))).status).toBe(200);
      expect((await send('GET /api/v0/status', basic('', key!))).status).toBe(200);
      expect((await send('GET /api/v0/status/', basic('any', key!))).status).toBe(200);
    });

    it.each([
      ['an unknown key', basic('any', 'sk_live_unknown')],
      ['a user only', basic('any', '')],
      ['no base64', 'Authorization: Basic sk_live_x:?'],
      ['base64 that is cut off', 'Authorization: Basic YW55O'],
      ['base64 of something else', `Authorization: Basic ${Buffer.from([0xff, 0xfe, 0x3a, 0xff]).toString('base64')}`],
      ['nothing', 'Authorization: Basic'],
    ])('gets 401 in the shape of the API with %s', async (_what, authorization) => {
      const answer = await send('GET /api/v0/status', authorization);
      expect([answer.status, json(answer)]).toEqual([401, { code: 401, message: expect.any(String) as string }]);
      expect(answer.headers['www-authenticate']).toBe('Bearer');
    });

    it('learns why it gets no models', async () => {
      const line = 'GET /api/v0/projects/shop/packages/sales/models';
      const answer = await send(line, basic('any', system.adminKey));
      expect([answer.status, json(answer)]).toEqual([
        501,
        { code: 501, message: 'Signalbox loads packages and does not compile or query what is in them.' },
      ]);
    });
  });

  describe('the client of the readers', () => {
    const body = '{"model_name": "llama", "device": "cuda", "consumer_group": "primary"}';
    const typed = [`Content-Length: ${body.length}`, 'Content-Type: application/json'];
    const managementUrl = (): string => `http://127.0.0.1:${system.managementPort}`;
    const keyless = (line: string, host = 'Host', sent = {}): Promise<RawAnswer> =>
      sendRaw(managementUrl(), { line, headers: [host, ...HTTPX.slice(1)], ...sent });
    const refusedReader = {
      status: 501,
      code: 'not_implemented',
      detail: expect.stringContaining('Signalbox starts no readers') as string,
    };

    it('sends the key in the address', async () => {
      const auth = basic('readers', system.adminKey);
      const status = await sendRaw(system.baseUrl, { line: 'GET /status', headers: [...HTTPX, auth] });
      expect([status.status, json(status)]).toEqual([200, await system.status()]);
      const headers = [...HTTPX, ...typed, auth];
      expect(json(await sendRaw(system.baseUrl, { line: 'POST /reader', headers, body }))).toMatchObject(refusedReader);
    });

    it('sends no key to the port of the keyless routes', async () => {
      const status = await keyless('GET /status');
      expect([status.status, json(status)]).toEqual([200, await system.status()]);
      expect(json(await keyless('GET /status/'))).toEqual(json(status));
      const known = `If-None-Match: ${String(status.headers['etag'])}`;
      const again = await keyless('GET /status', 'Host', { headers: [...HTTPX, known] });
      expect([again.status, again.body]).toEqual([304, '']);
      const made = await sendRaw(managementUrl(), { line: 'POST /reader', headers: [...HTTPX, ...typed], body });
      expect(json(made)).toMatchObject(refusedReader);
    });

    it('is served under the names of this server only, however they resolve', async () => {
      const { managementPort: port } = system;
      for (const host of [`localhost:${port}`, `LOCALHOST:${port}`, 'readers.example'])
        expect([host, (await keyless('GET /status', `Host: ${host}`)).status]).toEqual([host, 200]);
      for (const host of [`evil.example:${port}`, 'localhost', `readers.example:${port}`, '']) {
        const answer = await keyless('GET /status', `Host: ${host}`);
        expect([host, answer.status, answer.body.includes('live_readers')]).toEqual([host, 421, false]);
        expect(json(answer)).toMatchObject({ status: 421, code: 'misdirected_request' });
        expect(
          (await keyless('POST /reader', `Host: ${host}`, { headers: [`Host: ${host}`, ...typed], body })).status,
        ).toBe(421);
      }
      // Probes and Prometheus come by other names.
      for (const line of ['GET /livez', 'GET /metrics'])
        expect((await keyless(line, `Host: gateway:${port}`)).status).toBe(200);
    });
  });

  it('learns of each route of an original that is not served, with a key, and no document has them', async () => {
    const { paths: documented } = (await (await system.get('/openapi.json', {})).json()) as { paths: object };
    for (const { paths, methods, why } of unservedRoutes) {
      for (const path of paths) {
        expect(Object.keys(documented)).not.toContain(methods === undefined ? path.replaceAll(/:(\w+)/g, '{$1}') : '');
        const target = path.replaceAll(/:\w+/g, 'x');
        const targets = methods === undefined ? [target, `${target}/x/y?z`] : [target];
        for (const each of targets) {
          for (const method of methods ?? ['GET', 'POST']) {
            const answer = await sendRaw(system.baseUrl, {
              line: `${method} ${each}`,
              headers: ['Host', `X-Api-Key: ${system.adminKey}`, 'Content-Type: text/plain', 'Content-Length: 1'],
              body: '{',
            });
            const shown = Object.values(json(answer) as object);
            expect([method, each, answer.status, shown]).toEqual([method, each, 501, expect.arrayContaining([why])]);
          }
        }
      }
    }
  });
});
