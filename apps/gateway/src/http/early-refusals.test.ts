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
  let asked: number;

  beforeEach(async () => {
    refused = true;
    asked = 0;
    metrics = new Metrics({ service: 'test', version: '1' });
    const authentication = {
      refusalOf: () => {
        asked += 1;
        return refused ? refusal : undefined;
      },
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

  const send = (signal?: AbortSignal): Promise<Response> =>
    fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/keys`, { ...(signal && { signal }) });
  /** A request that was asked about is held, or was answered, in the same turn. */
  const isHeld = (): boolean => asked === 1;
  const valueOf = async (series: string): Promise<number | undefined> => {
    const line = (await metrics.text()).split('\n').find((each) => each.startsWith(series));
    return line === undefined ? undefined : Number(line.split(' ').at(-1));
  };
  const refusedCount = () => valueOf('signalbox_requests_refused_total{reason="too_many_guesses"');
  const ofAnswers = '{http_request_method="GET",http_route="(refused)",http_response_status_code="429",service="test"}';

  it('answers with the error, after a while', async () => {
    const response = await send();
    expect([response.status, response.headers.get('retry-after'), response.headers.get('x-request-id')]).toEqual([
      429,
      '1',
      'req_1',
    ]);
    expect(await response.json()).toMatchObject({ code: 'too_many_guesses', request_id: 'req_1' });
    expect(await refusedCount()).toBe(1);
    expect(await valueOf(`http_server_request_duration_seconds_count${ofAnswers}`)).toBe(1);
    // It was held for a second.
    expect(await valueOf(`http_server_request_duration_seconds_sum${ofAnswers}`)).toBeLessThan(1);
  });

  it('holds no request up that is not refused', async () => {
    const held = send();
    await eventually(isHeld);
    refused = false;
    expect(await (await send()).text()).toBe('fastify');
    refusals.close();
    expect((await held).status).toBe(429);
  });

  it('does not count a request whose client has left before it is answered', async () => {
    const client = new AbortController();
    const left = new Promise<void>((resolve) => {
      server.prependListener('request', (_request, response) => response.once('close', resolve));
    });
    const sent = send(client.signal);
    await eventually(isHeld);
    client.abort();
    await expect(sent).rejects.toThrow('aborted');
    await left;
    refusals.close();
    expect(await refusedCount()).toBeUndefined();
  });

  it('answers what it holds when it is closed, and then at once', async () => {
    const answers: string[] = [];
    void send().then(() => answers.push('held'));
    await eventually(isHeld);
    expect(answers).toEqual([]);
    refusals.close();
    await eventually(() => answers.length === 1);
    expect((await send()).status).toBe(429);
  });
});
