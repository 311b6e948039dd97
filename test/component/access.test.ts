import { request } from 'node:http';
import { asyncApiDocument } from '@signalbox/contracts/asyncapi';
import { eventually } from '@signalbox/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { System, type SystemInProcess } from '../support/system.js';
import { timesByTag, type TimesDocument } from '../support/times-of-document.js';

interface Answer {
  status: number | undefined;
  body: string;
}

/** However the path of a protected route is spelled, it requires a key. */
describe('access', () => {
  let system: SystemInProcess;
  beforeAll(async () => {
    system = await System.inProcess();
    await system.startGateway({ SIGNALBOX_ACCESS_LOG: 'true' });
  });
  afterAll(async () => {
    await system.close();
  });

  /** Sends the target unchanged; fetch would normalize it. */
  const raw = (target: string, method = 'GET', headers: Record<string, string> = {}): Promise<Answer> => {
    const { port } = new URL(system.baseUrl);
    return new Promise((resolve, reject) => {
      const sent = request({ host: '127.0.0.1', port, path: target, method, headers }, (response) => {
        let body = '';
        response.on('data', (chunk: Buffer) => (body += chunk.toString()));
        response.on('end', () => resolve({ status: response.statusCode, body }));
      });
      sent.on('error', reject);
      sent.end();
    });
  };

  /** The method and the path of each documented operation. */
  const operations = async (): Promise<[method: string, path: string][]> => {
    const { paths } = (await (await system.get('/openapi.json', {})).json()) as { paths: Record<string, object> };
    return Object.entries(paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method): [string, string] => [method, path]),
    );
  };

  it.each([
    '/status',
    '/%73tatus',
    '/status?',
    '/status?x=/healthz',
    '/status#/healthz',
    '//status',
    '/./status',
    '/healthz/../status',
    '/status/',
    '/STATUS',
    '/status;x',
    '/status%3fx',
    '/status%2f',
    '/%2fstatus',
    '/v1/%6beys',
    '/v1//keys',
    '/v1/keys/',
    '/V1/keys',
    '/v1/keys/key_0',
    '/v1/%2e%2e/status',
    '/docs/../status',
    '/docs/%2e%2e/status',
    'http://127.0.0.1/status',
    '/status%00',
    '/%E0%A4%A',
    '/reader/a%2fb',
  ])('answers %s without a key with 4xx and no data', async (target) => {
    for (const method of ['GET', 'HEAD', 'OPTIONS', 'POST']) {
      const { status, body } = await raw(target, method);
      expect([method, status]).toEqual([method, expect.toSatisfy((code: number) => code >= 400 && code < 500)]);
      expect(body).not.toMatch(/live_readers|"data"/);
    }
  });

  it('answers a path with a slash at its end as the path without it, whatever the method', async () => {
    const key = { 'x-api-key': system.adminKey };
    for (const path of ['/status', '/healthz', '/v1/keys', '/v1/keys/key_0', '/api', '/api/v0/projects', '/none']) {
      for (const method of ['GET', 'HEAD', 'DELETE']) {
        const { status } = await raw(path, method, key);
        expect([path, method, (await raw(`${path}/`, method, key)).status]).toEqual([path, method, status]);
        expect((await raw(`${path}/?x=/`, method, key)).status).toBe(status);
      }
    }
    expect((await system.send('POST', '/v1/keys/', { name: 'made once' })).status).toBe(201);
    const { data } = (await (await system.get('/v1/keys/')).json()) as { data: { name: string }[] };
    expect(data.filter(({ name }) => name === 'made once')).toHaveLength(1);
    expect(await raw('/v1/keys/', 'PUT', key)).toMatchObject({
      status: 405,
      body: expect.stringContaining('/v1/keys does not accept PUT. It accepts GET, HEAD, POST.') as string,
    });
    expect((await raw('/v1/keys//', 'GET', key)).status).toBe(404);
    // The links of the page are relative.
    const page = await system.get('/docs/', {});
    expect([page.status, page.headers.get('location')]).toEqual([302, '/docs']);
    for (const path of ['/', '/?x=//other.example', '/docs/?x']) {
      const { status, headers } = await system.get(path, {});
      expect([path, status, headers.get('location')]).toEqual([path, 302, '/docs']);
    }
    expect((await raw('/', 'POST', key)).status).toBe(404);
  });

  it('answers an address with a NUL character with 400, and without a key as any other', async () => {
    const addresses = [...(await operations()).filter(([, path]) => path.includes('{')), ['get', '/v1/audit?action=']];
    for (const [method, path] of addresses) {
      const target = path!.replace('?action=', '?action=%00').replaceAll(/\{\w+\}/g, 'x%00');
      const { status, body } = await raw(target, method!.toUpperCase(), { 'x-api-key': system.adminKey });
      expect([method, target, status, body]).toEqual([method, target, 400, expect.stringContaining('%00')]);
      expect((await raw(target, method!.toUpperCase())).status).toBe(401);
    }
  });

  it('logs each request with its caller, and no query', async () => {
    const traceId = '0af7651916cd43dd8448eb211c80319c';
    const traceparent = `00-${traceId}-b7ad6b7169203331-01`;
    const sent = [
      await system.get('/v1/keys/key_none?secret=CANARY', { 'x-api-key': system.adminKey, traceparent }),
      await system.get('/v1/keys', {}),
      await system.get('/unknown', {}),
    ];
    const ids = sent.map(({ headers }) => headers.get('x-request-id'));
    const lines = await eventually(() => {
      const written = system
        .service('gateway')
        .output.split('\n')
        .filter((line) => line.includes('request answered'));
      const found = written.map((line) => JSON.parse(line) as Record<string, unknown>);
      const wanted = ids.map((id) => found.find(({ request_id }) => request_id === id));
      return wanted.every((line) => line !== undefined) && wanted;
    });
    expect(lines).toEqual([
      expect.objectContaining({
        level: 'info',
        method: 'GET',
        route: '/v1/keys/:id',
        path: '/v1/keys/key_none',
        status: 404,
        ms: expect.any(Number) as number,
        bytes: expect.any(Number) as number,
        key_id: expect.stringMatching(/^key_/) as string,
        address: '127.0.0.1',
        trace_id: traceId,
      }),
      expect.objectContaining({ route: '/v1/keys', status: 401, key_id: null }),
      expect.objectContaining({ route: '(none)', path: '/unknown', status: 404, key_id: null }),
    ]);
    expect(system.service('gateway').output).not.toContain('CANARY');
  });

  it('permits no page of another origin unless one is listed', async () => {
    const { headers } = await system.get('/livez', { origin: 'https://console.example' });
    expect([...headers.keys()].filter((name) => /^access-control|^vary$/.test(name))).toEqual([]);
  });

  it('describes the messages without a key, and not again to a client that has the description', async () => {
    const response = await system.get('/asyncapi.json', {});
    const document = (await response.json()) as { info: { version: string } };
    expect(document).toEqual(asyncApiDocument(document.info.version));
    const known = await system.get('/asyncapi.json', { 'if-none-match': response.headers.get('etag')! });
    expect([response.status, known.status, await known.text()]).toEqual([200, 304, '']);
  });

  it('has one form of times in the answers of each part of the API', async () => {
    const document = (await (await system.get('/openapi.json', {})).json()) as TimesDocument;
    expect(Object.fromEntries(timesByTag(document))).toEqual({
      status: ['string date-time'],
      keys: ['string date-time'],
      tokens: ['string date-time'],
      accounts: ['string date-time'],
      session: ['string date-time'],
      readers: ['integer'],
      registry: ['number'],
      dataplanes: ['integer'],
      audit: ['integer'],
      datasources: ['integer'],
    });
  });

  it('describes ?wait as a number wherever it is', async () => {
    const document = (await (await system.get('/openapi.json', {})).json()) as {
      paths: Record<string, Record<string, { parameters?: { name: string; schema: object }[] }>>;
    };
    const waits = Object.values(document.paths)
      .flatMap((item) => Object.values(item).flatMap(({ parameters = [] }) => parameters))
      .filter(({ name }) => name === 'wait');
    expect(waits.map(({ schema }) => schema)).toEqual([
      expect.objectContaining({ type: 'number', minimum: 0, maximum: 60 }),
      expect.objectContaining({ type: 'number', minimum: 0, maximum: 60 }),
    ]);
  });

  it('documents exactly the routes listed here, and serves each of them', async () => {
    const described = (await operations()).map((operation) => operation.join(' '));
    const project = '/api/v0/projects/{project}';
    const datasources = ['/v1/datasources', '/api/v1/datasources'];
    const ways = (path: string, ...methods: string[]): string[] => methods.map((method) => `${method} ${path}`);
    expect(new Set(described)).toEqual(
      new Set([
        ...[
          '/status',
          '/healthz',
          '/livez',
          '/readyz',
          '/api/v0/status',
          '/health/liveness',
          '/health/readiness',
          '/health',
          '/.well-known/jwks.json',
        ].map((path) => `get ${path}`),
        ...[
          '/api',
          '/api/status',
          '/v1/dataplanes',
          '/v1/restarts',
          '/v1/restarts/{id}',
          '/v1/audit',
          '/v1/status',
          '/v1/status/explain',
          '/v1/session',
          '/v1/session/sign-in',
          '/v1/session/callback',
        ].map((path) => `get ${path}`),
        ...ways('/reader_groups', 'get'),
        ...ways('/inference/status', 'get'),
        ...ways('/v1/readers', 'get'),
        ...ways('/v1/readers/{id}', 'get', 'delete'),
        ...ways('/config/{reader_id}', 'get'),
        ...ways('/reader/{reader_id}', 'delete'),
        ...ways('/api/admin/restart', 'put'),
        ...ways('/v1/dataplanes/{name}', 'get', 'delete'),
        ...ways('/v1/dataplanes/{name}/restarts', 'post'),
        ...ways('/v1/dataplanes/{name}/operations', 'get', 'post'),
        ...ways('/v1/dataplanes/{name}/operations/{id}', 'get', 'delete'),
        ...datasources.flatMap((path) => [
          ...ways(path, 'get', 'post'),
          ...ways(`${path}/{id}`, 'get', 'patch', 'delete'),
          ...['detail', 'attempts'].flatMap((name) => ways(`${path}/{id}/${name}`, 'get')),
          ...['verify', 'resync', 'rotate_key'].flatMap((name) => ways(`${path}/{id}/${name}`, 'post')),
        ]),
        ...ways('/v1/notices', 'get', 'post'),
        ...ways('/v1/notices/{id}', 'get', 'patch'),
        ...ways('/v1/notices/{id}/end', 'post'),
        ...ways('/v1/session/sign-out', 'post'),
        ...ways('/v1/sessions', 'get'),
        ...ways('/v1/sessions/{id}', 'delete'),
        ...ways('/v1/keys', 'get', 'post'),
        ...ways('/v1/keys/{id}', 'get', 'delete'),
        ...ways('/v1/keys/{id}/rotate', 'post'),
        ...ways('/v1/tokens', 'get', 'post'),
        ...ways('/v1/tokens/{id}', 'delete'),
        ...ways('/v1/accounts', 'get', 'post'),
        ...ways('/v1/accounts/{id}', 'get', 'patch'),
        ...ways('/v1/tiers', 'get'),
        ...ways('/v1/quotas', 'get'),
        ...ways('/v1/tiers/{name}', 'put', 'delete'),
        ...ways('/api/v0/connections/test', 'post'),
        ...ways(`${project}/connections/{connection}/test`, 'post'),
        ...ways('/api/v0/projects', 'get', 'post'),
        ...ways(project, 'get', 'patch', 'delete'),
        ...ways(`${project}/connections`, 'get'),
        ...ways(`${project}/connections/{connection}`, 'get', 'post', 'patch', 'delete'),
        ...ways(`${project}/packages`, 'get', 'post'),
        ...ways(`${project}/packages/{package}`, 'get', 'patch', 'delete'),
      ]),
    );
    for (const operation of described) {
      const [method, path] = operation.split(' ');
      const { body } = await raw(path!.replaceAll(/\{\w+\}/g, 'x'), method!.toUpperCase(), {
        'x-api-key': system.adminKey,
      });
      expect([operation, body]).toEqual([
        operation,
        expect.not.stringMatching(/"(not_found|method_not_allowed|api_key_\w+)"/),
      ]);
    }
    expect((await system.get('/docs', {})).status).toBe(200);
  });
});
