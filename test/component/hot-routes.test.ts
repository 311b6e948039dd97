import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { Agent, request, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { eventually } from '@signalbox/testing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { limitedKey, untilHourIsLong } from '../support/accounts.js';
import { afterGuesses } from '../support/after-guesses.js';
import { System, type SystemInProcess } from '../support/system.js';

/** Published by Fastify before it calls the handler of a route. */
const HANDLED = 'tracing:fastify.request.handler:start';

const PAGE = 'https://console.example';
const CACHED = ['/status', '/api/v0/status'];
const PATHS = [...CACHED, '/api/status', '/v1/status'];

interface Answer {
  readonly status: number;
  readonly headers: string[];
  readonly body: string;
}

/** Without what differs in each answer: its id, its date, and all numbers where times or counts are shown. */
const comparable = (path: string, { status, headers, body }: Answer): unknown => {
  const isCounting = path === '/v1/status' || path === '/api/v0/status';
  const masked = (value: string): string => (isCounting ? value.replaceAll(/\d+(\.\d+)?/g, '0') : value);
  const shown = headers.map((value, index) =>
    ['x-request-id', 'date'].includes(headers[index - 1]?.toLowerCase() ?? '') ? '' : masked(value),
  );
  return { status, headers: shown, body: masked(body) };
};

const basic = (key: string): string => `Basic ${Buffer.from(`user:${key}`).toString('base64')}`;

const header = ({ headers }: Answer, name: string): string | undefined =>
  headers.find((_value, index) => index % 2 === 1 && headers[index - 1]!.toLowerCase() === name);

describe('a hot route', () => {
  let system: SystemInProcess;
  let agent: Agent;
  let handledByFastify: number;
  const count = (): void => void (handledByFastify += 1);

  beforeAll(untilHourIsLong);
  beforeAll(async () => {
    system = await System.inProcess();
    await system.startGateway({ SIGNALBOX_CORS_ORIGINS: PAGE });
    const isOperational = async (): Promise<boolean> => {
      const connections = (await (await system.get('/api/status')).json()) as Record<string, unknown>;
      return connections['database_connection'] === 'OK' && connections['rabbitmq_connection'] === 'OK';
    };
    await eventually(isOperational);
    await eventually(async () => (await system.get('/v1/status')).ok);
    subscribe(HANDLED, count);
  });
  beforeEach(() => {
    agent = new Agent({ keepAlive: true, maxSockets: 1 });
    handledByFastify = 0;
  });
  afterEach(() => agent.destroy());
  afterAll(async () => {
    unsubscribe(HANDLED, count);
    await system.close();
  });

  interface Sent {
    readonly method?: string;
    readonly headers?: Record<string, string>;
    readonly body?: string;
  }
  /** All requests of a test come over one connection. */
  const sendOnce = async (path: string, { method = 'GET', headers = key(), body }: Sent = {}): Promise<Answer> => {
    const sent = request(`${system.baseUrl}`, { path, method, headers, agent });
    sent.end(body);
    const [response] = (await once(sent, 'response')) as [IncomingMessage];
    return { status: response.statusCode!, headers: response.rawHeaders, body: await text(response) };
  };
  const send = (path: string, sent?: Sent): Promise<Answer> =>
    afterGuesses(
      () => sendOnce(path, sent),
      ({ body }) => body,
    );
  const key = (text_ = system.adminKey): Record<string, string> => ({ 'x-api-key': text_ });
  const isHandledByFastify = async (sent: () => Promise<unknown>): Promise<boolean> => {
    const before = handledByFastify;
    await sent();
    return handledByFastify > before;
  };

  describe.each(PATHS)('GET %s', (path) => {
    it.each<[string, (known: string) => Record<string, string>]>([
      ['with a key', () => key()],
      ['with a bearer key', () => ({ authorization: `Bearer ${system.adminKey}` })],
      ['with a key as a password', () => ({ authorization: basic(system.adminKey) })],
      ['to a page of another origin', () => ({ ...key(), origin: PAGE })],
      ['with Accept-Encoding', () => ({ ...key(), 'accept-encoding': 'gzip, br' })],
      ['with If-None-Match', (etag) => ({ ...key(), 'if-none-match': etag })],
      ['with another If-None-Match', () => ({ ...key(), 'if-none-match': '"other"' })],
      ['over a connection that is to be closed', () => ({ ...key(), connection: 'close' })],
    ])('answers %s the same as Fastify', async (_how, headersOf) => {
      await eventually(async () => {
        // Identifies the caller of the connection.
        const etag = header(await send(path), 'etag') ?? '';
        const headers = headersOf(etag);
        if (headers['authorization'] !== undefined) await send(path, { headers });
        let slow!: Answer;
        let hot!: Answer;
        expect(
          await isHandledByFastify(async () => (slow = await send(`${path}?spelled=differently`, { headers }))),
        ).toBe(true);
        if (headers['connection'] === 'close') await send(path);
        expect(await isHandledByFastify(async () => (hot = await send(path, { headers })))).toBe(false);
        expect(await isHandledByFastify(() => send(`${path}/`, { headers }))).toBe(headers['connection'] === 'close');
        expect(comparable(path, hot)).toEqual(comparable(path, slow));
        expect(hot.status).toBe(CACHED.includes(path) && headers['if-none-match'] === etag ? 304 : 200);
        expect(header(hot, 'access-control-allow-origin')).toBe(headers['origin']);
        const length = hot.status === 200 ? String(Buffer.byteLength(hot.body)) : undefined;
        expect(header(hot, 'content-length')).toBe(length);
        return true;
      });
    });

    it.each<[status: number, what: string, sent: Sent & { spelled?: string }]>([
      [200, 'HEAD', { method: 'HEAD' }],
      [200, 'a body', { body: '{}' }],
      [200, 'another spelling', { spelled: path.replace('status', '%73tatus') }],
      [200, 'a trailing slash', { spelled: `${path}/` }],
      [401, 'a trailing slash and no key', { spelled: `${path}/`, headers: {} }],
      [404, 'another case', { spelled: path.toUpperCase() }],
      [401, 'no key', { headers: {} }],
      [401, 'another key', { headers: { 'x-api-key': 'sk_live_other' } }],
      [401, 'two keys', { headers: { authorization: 'Bearer other', 'x-api-key': ' ' } }],
    ])(
      'is %d with %s, also on a connection whose caller is known',
      async (status, _what, { spelled = path, ...sent }) => {
        expect((await send(path)).status).toBe(200);
        const body = sent.body === undefined ? {} : { 'content-length': String(sent.body.length) };
        const headers = { ...(sent.headers ?? key()), ...body };
        expect((await send(spelled, { ...sent, headers })).status).toBe(status);
      },
    );

    it('answers pipelined requests in their order', async () => {
      const { hostname, port } = new URL(system.baseUrl);
      const socket = connect({ host: hostname, port: Number(port) });
      const get = (url: string, more = ''): string =>
        `GET ${url} HTTP/1.1\r\nhost: x\r\nx-api-key: ${system.adminKey}\r\n${more}\r\n`;
      socket.write(get(path));
      await once(socket, 'data');
      socket.write(
        get(path) + get('/none') + get(path) + get(`${path}?`) + get(path) + get('/v1/keys', 'connection: close\r\n'),
      );
      const statuses = [...(await text(socket)).matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status);
      expect(statuses).toEqual(['200', '404', '200', '200', '200', '200']);
    });
  });

  it('is refused on a connection whose key is revoked meanwhile', async () => {
    const { id, key: text_ } = await limitedKey(system, { tier: 'revoked', hour: 1_000 });
    for (const path of PATHS) expect((await send(path, { headers: key(text_) })).status).toBe(200);
    expect(await isHandledByFastify(() => send('/status', { headers: key(text_) }))).toBe(false);
    await system.send('DELETE', `/v1/keys/${id}`);
    for (const path of PATHS) expect((await send(path, { headers: key(text_) })).status).toBe(401);
  });

  it('is refused to a role that is too low, on a connection where another route was allowed', async () => {
    const { key: text_ } = await limitedKey(system, { tier: 'low', hour: 1_000, role: 'member' });
    const statuses = [];
    for (const path of ['/api/status', '/status', '/api/status', '/status'])
      statuses.push((await send(path, { headers: key(text_) })).status);
    expect(statuses).toEqual([200, 403, 200, 403]);
  });

  it('is refused to a key without its scope, on a connection where another route was allowed', async () => {
    const body = { name: 'scoped', role: 'admin', scopes: ['status:read'] };
    const { key: text_ } = (await (await system.send('POST', '/v1/keys', body)).json()) as { key: string };
    const statuses = [];
    for (const path of ['/v1/status', '/status', '/v1/status', '/status'])
      statuses.push((await send(path, { headers: key(text_) })).status);
    expect(statuses).toEqual([200, 403, 200, 403]);
  });

  it('counts its requests, and refuses those beyond the quota of the hour', async () => {
    const { key: text_ } = await limitedKey(system, { tier: 'few', hour: 5 });
    const answers: Answer[] = [];
    for (let i = 0; i < 7; i++) answers.push(await send('/v1/status', { headers: key(text_) }));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200, 429, 429]);
    expect(answers.map((answer) => header(answer, 'x-ratelimit-remaining'))).toEqual([
      '4',
      '3',
      '2',
      '1',
      '0',
      '0',
      '0',
    ]);
    expect(JSON.parse(answers[3]!.body)).toMatchObject({
      data: { account: { tier: 'few', rate_limits: { limit: 5, remaining: 1 } } },
    });
  });

  it('refuses a request beyond the burst', async () => {
    const { key: text_ } = await limitedKey(system, { tier: 'slow', hour: 1_000, burst: 1 });
    const statuses = await Promise.all(
      Array.from({ length: 5 }, async () => (await send('/v1/status', { headers: key(text_) })).status),
    );
    expect(statuses).toContain(429);
  });
});
