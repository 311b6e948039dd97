import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Metrics } from '@signalbox/platform';
import { eventually } from '@signalbox/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { EarlyRefusals } from './early-refusals.js';
import { ApiError } from './errors/api-error.js';
import { HttpMetrics } from './http.metrics.js';
import type { RequestAuthentication } from './request-authentication.js';
import { RoutePolicies } from './route-policies.js';

const refusal = new ApiError({ status: 429, code: 'too_many_guesses', detail: 'No.', headers: { 'retry-after': '1' } });

describe('EarlyRefusals', () => {
  let server: Server;
  let refusals: EarlyRefusals;
  let metrics: Metrics;
  let refused: boolean;

  beforeEach(async () => {
    refused = true;
    metrics = new Metrics({ service: 'test', version: '1' });
    const authentication = {
      refusalOf: () => (refused ? refusal : undefined),
    } as unknown as RequestAuthentication;
    const policies = new RoutePolicies();
    refusals = new EarlyRefusals({
      policies,
      authentication,
      metrics: new HttpMetrics(metrics),
      nextId: () => 'req_1',
    });
    server = createServer((_request, response) => response.end('fastify'));
    refusals.listen(server);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  afterEach(() => void server.close());

  const send = (): Promise<Response> => fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/keys`);
  const countOf = async (): Promise<boolean> =>
    (await metrics.text()).includes('signalbox_requests_refused_total{reason="too_many_guesses",service="test"} 1');

  it('answers with the error, after a while', async () => {
    const response = await send();
    expect([response.status, response.headers.get('retry-after'), response.headers.get('x-request-id')]).toEqual([
      429,
      '1',
      'req_1',
    ]);
    expect(await response.json()).toMatchObject({ code: 'too_many_guesses', request_id: 'req_1' });
    expect(await countOf()).toBe(true);
  });

  it('holds no request up that is not refused', async () => {
    const held = send();
    await eventually(countOf);
    refused = false;
    expect(await (await send()).text()).toBe('fastify');
    refusals.close();
    expect((await held).status).toBe(429);
  });

  it('answers what it holds when it is closed, and then at once', async () => {
    const answers: string[] = [];
    void send().then(() => answers.push('held'));
    await eventually(countOf);
    expect(answers).toEqual([]);
    refusals.close();
    await eventually(() => answers.length === 1);
    expect((await send()).status).toBe(429);
  });
});
