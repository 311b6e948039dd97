import { createRequire } from 'node:module';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ConfigError } from './config.error.js';
import { Health } from './health.js';
import { createLogger } from './logger.js';
import { startManagementServer, type ManagementServer, type ManagementServerOptions } from './management-server.js';
import { Metrics } from './metrics/metrics.js';

const { version: packageVersion } = createRequire(import.meta.url)('../../../package.json') as { version: string };

let health: Health;
let server: ManagementServer;

const start = (options: Partial<ManagementServerOptions> = {}): Promise<ManagementServer> =>
  startManagementServer({
    host: '127.0.0.1',
    port: 0,
    health,
    metrics: new Metrics({ service: 'test' }),
    logger: createLogger({ name: 'test', level: 'silent' }),
    ...options,
  });

const get = (path: string, init: RequestInit = {}): Promise<Response> =>
  fetch(`http://127.0.0.1:${server.port}${path}`, init);

beforeEach(async () => {
  health = new Health();
  server = await start();
});
afterEach(() => server.close());

test('answers /livez with 200 for any result of the checks', async () => {
  health.add('database', () => ({ status: 'down' }));
  const response = await get('/livez');
  expect(response.status).toBe(200);
  expect(await response.json()).toEqual({ status: 'ok' });
  expect((await get('/livez', { method: 'HEAD' })).status).toBe(200);
});

test('shows the release and the build with /livez?verbose', async () => {
  expect(await (await get('/livez?verbose')).json()).toEqual({
    status: 'ok',
    release: packageVersion,
    version: expect.stringMatching(/^\d{8}(-[\da-f]{7})?$/),
  });
});

test('answers /readyz by the required checks, and shows each check with ?verbose', async () => {
  health.add('database', () => ({ status: 'up', since: 1_000 }));
  health.add('metrics-store', () => ({ status: 'down', detail: 'unreachable' }), { required: false });
  const ready = await get('/readyz');
  expect(ready.status).toBe(200);
  expect(await ready.json()).toEqual({ status: 'ready' });

  health.add('broker', () => {
    throw new Error('amqp://u:hunter2@h');
  });
  const unready = await get('/readyz?verbose');
  expect(unready.status).toBe(503);
  expect(await unready.json()).toEqual({
    status: 'not_ready',
    checks: {
      database: { status: 'up', since: 1_000, required: true },
      'metrics-store': { status: 'down', detail: 'unreachable', required: false },
      broker: { status: 'down', detail: 'the check itself failed', required: true },
    },
  });
});

test('serves the metrics of the process with its service name', async () => {
  const metrics = new Metrics({ service: 'registry' });
  metrics
    .counter({ name: 'signalbox_things_total', help: 'Things.', labels: ['kind'] })
    .of({ kind: 'a' })
    .inc(2);
  metrics.gauge({ name: 'signalbox_depth', help: 'Depth.' }, () => 7);
  await server.close();
  server = await start({ metrics });
  const response = await get('/metrics');
  expect(response.headers.get('content-type')).toContain('text/plain');
  const text = await response.text();
  expect(text).toContain('signalbox_things_total{kind="a",service="registry"} 2');
  expect(text).toContain('signalbox_depth{service="registry"} 7');
  expect(text).toContain('process_resident_memory_bytes');
});

test('answers an unknown route with an RFC 9457 problem', async () => {
  await server.close();
  server = await start({
    enableMetrics: false,
    routes: (app) => void app.get('/boom', () => Promise.reject(new Error('inner secret'))),
  });

  const missing = await get('/metrics');
  expect(missing.status).toBe(404);
  expect(missing.headers.get('content-type')).toBe('application/problem+json');
  expect(await missing.json()).toMatchObject({
    type: 'about:blank',
    status: 404,
    code: 'not_found',
    request_id: expect.any(String),
  });

  const wrongMethod = await get('/livez', { method: 'POST' });
  expect(wrongMethod.status).toBe(405);
  expect(wrongMethod.headers.get('allow')).toBe('GET, HEAD');
  expect(await wrongMethod.json()).toMatchObject({ status: 405, code: 'method_not_allowed' });

  const malformed = await get('/%zz');
  expect(malformed.status).toBe(400);
  expect(await malformed.json()).toMatchObject({ status: 400, code: 'bad_request' });

  const failed = await get('/boom');
  expect(failed.status).toBe(500);
  expect(await failed.text()).not.toContain('inner secret');
});

test('names a port in use and the variable to change', async () => {
  const second = start({ port: server.port });
  await expect(second).rejects.toBeInstanceOf(ConfigError);
  await expect(second).rejects.toThrow(`127.0.0.1:${server.port} is taken by another process`);
  await expect(second).rejects.toThrow('SIGNALBOX_MANAGEMENT_PORT');
});
