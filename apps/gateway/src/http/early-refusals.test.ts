import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { Metrics } from '@signalbox/platform';
import { collectLogs, eventually } from '@signalbox/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AccessLog } from './access-log.js';
import type { Caller } from './caller.js';
import type { Crowded } from './crowding.js';
import { EarlyRefusals } from './early-refusals.js';
import { ApiError } from './errors/api-error.js';
import { Refusals, type Refusal } from './refusals.js';
import { HttpMetrics } from './http.metrics.js';
import type { RequestAuthentication } from './request-authentication.js';
import { RoutePolicies } from './route-policies.js';
import { UnreadBodies } from './unread-body.js';

const refusal = new ApiError({ status: 429, code: 'too_many_guesses', detail: 'No.', headers: { 'retry-after': '1' } });

const MOST_HELD = 2;
const MOST_WAITING = 2;

describe('EarlyRefusals', () => {
  let server: Server;
  let refusals: EarlyRefusals;
  let metrics: Metrics;
  let refused: boolean;
  let asked: number;
  /** On the server's side. */
  let connections: Socket[];
  const sockets: Socket[] = [];
  /** That refusals were reported with. */
  let addresses: string[];
  let reported: Refusal[];
  /** Why requests are refused that are no guesses. */
  let crowded: Crowded | undefined;

  let logs: ReturnType<typeof collectLogs>;

  beforeEach(async () => {
    logs = collectLogs();
    refused = true;
    asked = 0;
    connections = [];
    metrics = new Metrics({ service: 'test' });
    const authentication = {
      refusalOf: () => {
        asked += 1;
        return refused ? refusal : undefined;
      },
    } as unknown as RequestAuthentication;
    const policies = new RoutePolicies();
    addresses = [];
    reported = [];
    crowded = undefined;
    const listened = new Refusals();
    listened.add((each) => reported.push(each) && addresses.push(each.address));
    refusals = new EarlyRefusals({
      policies,
      authentication,
      crowdingOf: () => crowded,
      metrics: new HttpMetrics(metrics),
      refusals: listened,
      addressOf: ({ headers, socket }) => headers['x-forwarded-for']?.toString() ?? socket.remoteAddress,
      accessLog: AccessLog.of({ logger: logs.logger, isOn: true }),
      unread: new UnreadBodies(),
      nextId: () => 'req_1',
      mostHeld: MOST_HELD,
      mostWaiting: MOST_WAITING,
    });
    server = createServer((_request, response) => response.end('fastify'));
    refusals.listen(server);
    server.on('connection', (socket) => connections.push(socket));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  afterEach(() => {
    refusals.close();
    for (const socket of sockets.splice(0)) socket.destroy();
    server.close();
  });

  const address = () => server.address() as AddressInfo;
  const send = (signal?: AbortSignal): Promise<Response> =>
    fetch(`http://127.0.0.1:${address().port}/v1/keys`, { ...(signal && { signal }) });
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
    expect(logs.lines).toMatchObject([
      { msg: 'request answered', route: '(refused)', path: '/v1/keys', status: 429, key_id: null, request_id: 'req_1' },
    ]);
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

  it('reports the address of the client, also of one that gets no answer', async () => {
    const sendFrom = (from: string) =>
      fetch(`http://127.0.0.1:${address().port}/v1/keys`, { headers: { 'x-forwarded-for': from } });
    const all = Array.from({ length: MOST_HELD + 1 }, (_, index) =>
      sendFrom(`192.0.2.${index}`).catch(() => undefined),
    );
    // The one beyond is reported first: its connection only waits for its reset.
    await eventually(() => addresses.length === 1);
    refusals.close();
    await Promise.all(all);
    expect(addresses.toSorted()).toEqual(all.map((_, index) => `192.0.2.${index}`).toSorted());
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

  /** A connection, and all that comes on it until it ends; rejects where it is reset. */
  const connection = (text: string): Promise<string> => {
    const socket = connect(address().port, '127.0.0.1');
    sockets.push(socket);
    let received = '';
    socket.on('data', (data) => (received += String(data)));
    socket.write(text);
    return new Promise((resolve, reject) => void socket.on('error', reject).on('end', () => resolve(received)));
  };
  const REQUEST = 'GET /v1/keys HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n';
  const KEPT_REQUEST = 'GET /v1/keys HTTP/1.1\r\nHost: x\r\n\r\n';
  let held: Promise<Response>[];
  const fill = async (): Promise<void> => {
    held = Array.from({ length: MOST_HELD }, () => send());
    await eventually(() => asked === MOST_HELD);
  };

  it('resets the connections of refused requests later when as many are held as may be, and counts them', async () => {
    await fill();
    const late = connection(REQUEST);
    await eventually(async () => (await refusedCount()) === 1);
    expect(sockets.map(({ closed }) => closed)).toEqual([false]);
    refusals.close();
    await expect(late).rejects.toThrow('ECONNRESET');
    expect((await Promise.all(held)).map(({ status }) => status)).toEqual(held.map(() => 429));
  });

  it('holds and answers the requests of callers that have too much, however many, as those of their routes', async () => {
    await fill();
    refused = false;
    const caller = { id: 'key_1' } as Caller;
    crowded = {
      error: new ApiError({ status: 429, code: 'too_many_at_once', detail: 'No.' }),
      caller,
      route: '/v1/keys',
    };
    const answers = Array.from({ length: MOST_HELD + 1 }, () => send());
    // Each is asked about twice: on a new connection, and again by the server.
    await eventually(() => asked === MOST_HELD + 2 * answers.length);
    expect(reported).toEqual([]);
    refusals.close();
    for (const response of await Promise.all(answers))
      expect([response.status, await response.json()]).toMatchObject([429, { code: 'too_many_at_once' }]);
    await Promise.all(held);
    const ofCaller = reported.filter((each) => each.caller === caller);
    expect(ofCaller).toHaveLength(answers.length);
    expect(ofCaller[0]).toMatchObject({ method: 'GET', route: '/v1/keys' });
    expect(logs.lines).toContainEqual(expect.objectContaining({ route: '/v1/keys', status: 429, key_id: 'key_1' }));
  });

  it('resets a connection at once when as many wait for that as may', async () => {
    await fill();
    const late = Array.from({ length: MOST_WAITING }, () => connection(REQUEST));
    await eventually(async () => (await refusedCount()) === MOST_WAITING);
    await expect(connection(REQUEST)).rejects.toThrow('ECONNRESET');
    refusals.close();
    await Promise.allSettled([...held, ...late]);
  });

  it('resets later also the connections that came before', async () => {
    refused = false;
    const old = connection(KEPT_REQUEST);
    await eventually(() => sockets[0]!.bytesRead > 0);
    refused = true;
    asked = 0;
    await fill();
    sockets[0]!.write(KEPT_REQUEST.repeat(5));
    await eventually(async () => (await refusedCount()) === 1);
    await eventually(() => connections[0]!.isPaused());
    expect(asked).toBe(MOST_HELD + 1);
    refusals.close();
    await expect(old).rejects.toThrow('ECONNRESET');
    await Promise.all(held);
  });

  it.each([
    ['that comes at once', [REQUEST]],
    ['that comes in pieces', [REQUEST.slice(0, 20), REQUEST.slice(20)]],
    ['with a body', [REQUEST.replace('GET', 'POST').replace('\r\n\r\n', '\r\nContent-Length: 2\r\n\r\nab')]],
  ])('answers a request %s that is not refused, on a new connection, also then', async (_, pieces) => {
    await fill();
    refused = false;
    const [first = '', ...others] = pieces;
    const answer = connection(first);
    for (const piece of others) {
      await eventually(() => sockets.at(-1)?.bytesWritten === first.length);
      sockets.at(-1)?.write(piece);
    }
    expect(await answer).toMatch(/^HTTP\/1.1 200 .*fastify$/s);
    refusals.close();
  });

  it('ends a connection with its answer when more requests come before, and asks about only one of them', async () => {
    const pipelined = connection(KEPT_REQUEST.repeat(5));
    await eventually(() => connections[0]!.isPaused());
    refusals.close();
    expect((await pipelined).match(/HTTP\/1.1 429|Connection: close/g)).toEqual(['HTTP/1.1 429', 'Connection: close']);
    expect(asked).toBe(2);
  });

  it('answers a request whose body is not complete, and closes the connection', async () => {
    const answer = connection('POST /v1/keys HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n{');
    await eventually(isHeld);
    refusals.close();
    expect(await answer).toMatch(/^HTTP\/1.1 429 .*Connection: close/s);
  });

  it('closes new connections on which nothing came yet when it is closed', async () => {
    await fill();
    const silent = connection('');
    await eventually(() => connections.length === MOST_HELD + 1);
    refusals.close();
    expect(await silent).toBe('');
  });
});
