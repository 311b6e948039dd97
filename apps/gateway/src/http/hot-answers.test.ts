import { once } from 'node:events';
import { createServer, request, type Agent, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { Metrics } from '@signalbox/platform';
import { collectLogs } from '@signalbox/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AccessLog } from './access-log.js';
import type { Caller } from './caller.js';
import { HotAnswers } from './hot-answers.js';
import { HotRoutes, type HotRoute } from './hot-routes.js';
import { HttpMetrics } from './http.metrics.js';
import type { RequestAuthentication } from './request-authentication.js';
import type { RequestLimits } from './request-limits.js';
import { RoutePolicies } from './route-policies.js';

const caller: Caller = {
  via: 'key',
  id: 'key_1',
  name: 'test',
  role: 'member',
  mode: 'live',
  account: 'default',
  scopes: [],
};

const limit = { limit: 10, remaining: 9, resetAt: 3_600, burst: 5 };

const hot = (path: string, more: Partial<HotRoute> = {}): HotRoute => ({
  path,
  prepare:
    () =>
    ({ requestLimit }) => ({ status: 200, headers: {}, body: `hot ${requestLimit?.remaining ?? ''}` }),
  ...more,
});

describe('HotAnswers', () => {
  let server: Server;
  let answers: HotAnswers;
  let known: Caller | undefined;
  let admitted: number;
  let counted: number;
  let metrics: Metrics;

  let logs: ReturnType<typeof collectLogs>;

  beforeEach(async () => {
    logs = collectLogs();
    [known, admitted, counted] = [caller, 1, 0];
    const routes = new HotRoutes();
    routes.add(hot('/status'));
    routes.add(hot('/counted'));
    routes.add(hot('/critical', { prepare: () => undefined }));
    routes.add(
      hot('/broken', {
        prepare: () => {
          throw new Error('a fault');
        },
      }),
    );
    const authentication = { recall: () => known } as unknown as RequestAuthentication;
    const limits = {
      counts: (path: string) => path === '/counted',
      admitNow: () => {
        if (counted === admitted) return undefined;
        counted += 1;
        return { limit, headers: { 'x-ratelimit-remaining': '9' } };
      },
    } as unknown as RequestLimits;
    metrics = new Metrics({ service: 'test' });
    answers = new HotAnswers({
      routes,
      policies: new RoutePolicies(),
      authentication,
      limits,
      metrics: new HttpMetrics(metrics),
      accessLog: AccessLog.of({ logger: logs.logger, isOn: true }),
      nextId: () => 'req_1',
    });
    server = createServer((_request, response) => response.end('fastify'));
    answers.listen(server);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  afterEach(() => void server.close());

  interface Sent {
    method?: string;
    headers?: Record<string, string>;
    body?: string;
    agent?: Agent;
  }
  const send = async (path: string, { body, ...options }: Sent = {}): Promise<IncomingMessage & { text: string }> => {
    const { port } = server.address() as AddressInfo;
    const sent = request({ port, host: '127.0.0.1', path, ...options });
    sent.end(body);
    const [response] = (await once(sent, 'response')) as [IncomingMessage];
    return Object.assign(response, { text: await text(response) });
  };
  const bodyOf = async (path: string, options?: Sent): Promise<string> => (await send(path, options)).text;

  it('answers a hot route, with the headers of every answer', async () => {
    const { text: body, headers } = await send('/status');
    expect(body).toBe('hot ');
    expect(headers).toMatchObject({
      'x-request-id': 'req_1',
      'x-content-type-options': 'nosniff',
      'content-length': '4',
    });
    expect(logs.lines).toMatchObject([
      {
        level: 'info',
        method: 'GET',
        route: '/status',
        path: '/status',
        status: 200,
        bytes: 4,
        key_id: 'key_1',
        address: '127.0.0.1',
        request_id: 'req_1',
      },
    ]);
    expect(await metrics.text()).toContain(
      'http_server_request_duration_seconds_count{http_request_method="GET",http_route="/status",http_response_status_code="200",service="test"} 1',
    );
  });

  it('counts the requests of a route that is counted, and shows the limit', async () => {
    const { text: body, headers } = await send('/counted');
    expect(body).toBe('hot 9');
    expect(headers['x-ratelimit-remaining']).toBe('9');
  });

  it('leaves a request that is not admitted at once to Fastify', async () => {
    admitted = 0;
    expect(await bodyOf('/counted')).toBe('fastify');
  });

  it('leaves a request of an unknown caller to Fastify', async () => {
    known = undefined;
    expect(await bodyOf('/counted')).toBe('fastify');
    expect(counted).toBe(0);
  });

  it.each(['/status?a=1', '/%73tatus', '/status/', '/STATUS', '//status', '/other', '/critical', '/broken'])(
    'leaves GET %s to Fastify',
    async (path) => expect(await bodyOf(path)).toBe('fastify'),
  );

  it.each([
    ['another method', { method: 'POST' }],
    ['a body', { headers: { 'content-length': '2' }, body: '{}' }],
    ['a chunked body', { headers: { 'transfer-encoding': 'chunked' }, body: '{}' }],
    ['an expectation', { headers: { expect: 'another' } }],
  ])('leaves a request with %s to Fastify', async (_what, options) => {
    server.on('checkExpectation', (...args) => server.emit('request', ...args));
    expect(await bodyOf('/status', options)).toBe('fastify');
  });

  it('answers HEAD not at all', async () => {
    expect((await send('/status', { method: 'HEAD' })).headers['x-request-id']).toBeUndefined();
  });

  it('leaves everything to Fastify once the server closes', async () => {
    answers.close();
    expect(await bodyOf('/status')).toBe('fastify');
  });
});
