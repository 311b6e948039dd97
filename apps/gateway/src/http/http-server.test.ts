import { once } from 'node:events';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { networkInterfaces } from 'node:os';
import { setTimeout as wait } from 'node:timers/promises';
import { Body, Controller, Get, Module, Post, Put } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { ApiExcludeController } from '@nestjs/swagger';
import { platformModule } from '@signalbox/nest-service';
import { Health, listenOn, Metrics, type ListenOptions } from '@signalbox/platform';
import { collectLogs } from '@signalbox/testing';
import type { FastifyRequest } from 'fastify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TakesLargeBody } from './body-routes.js';
import { ApiError } from './errors/api-error.js';
import { createHttpServer } from './http-server.js';
import { HttpModule } from './http.module.js';
import { RequestAuthentication } from './request-authentication.js';
import { RequestLimits } from './request-limits.js';

const LIMIT = 2_097_152;

/** Not in the OpenAPI document, which requires an id of each operation. */
@ApiExcludeController()
@Controller('things')
class ThingsController {
  @Get()
  list(): { ok: true } {
    return { ok: true };
  }

  @Post()
  create(@Body() body: unknown): { size: number } {
    return { size: JSON.stringify(body).length };
  }

  @Post('large')
  @TakesLargeBody()
  createLarge(@Body() body: unknown): { size: number } {
    return this.create(body);
  }

  @Put('ignored')
  ignored(): { ok: true } {
    return { ok: true };
  }
}

const refusal = new ApiError({ status: 429, code: 'too_many_guesses', detail: 'No.', headers: { 'retry-after': '1' } });

const authentication: RequestAuthentication = {
  refusalOf: ({ headers }) => (headers['x-api-key'] === 'guess' ? refusal : undefined),
  identify({ headers, is404 }: FastifyRequest): undefined {
    if (is404) return;
    const key = headers['x-api-key'];
    if (key === undefined) throw new ApiError({ status: 401, code: 'api_key_missing', detail: 'No key.' });
    if (key === 'member') throw new ApiError({ status: 403, code: 'insufficient_role', detail: 'No.' });
  },
  authorize: () => undefined,
  confirm: () => undefined,
  find: () => undefined,
  recall: () => undefined,
};

@Module({
  imports: [HttpModule],
  controllers: [ThingsController],
  providers: [
    { provide: RequestAuthentication, useValue: authentication },
    {
      provide: RequestLimits,
      useValue: { admit: () => undefined, counts: () => false, admitNow: () => undefined } satisfies RequestLimits,
    },
  ],
})
class TestModule {}

@Module({})
class RootModule {}

async function createServer(): Promise<NestFastifyApplication> {
  const { logger } = collectLogs();
  const platform = platformModule({
    config: {},
    logger,
    health: new Health(),
    metrics: new Metrics({ service: 'test' }),
    shutdown: new AbortController().signal,
  });
  const app = await createHttpServer({
    root: { module: RootModule, imports: [platform, TestModule] },
    bodyLimit: LIMIT,
    origins: [],
    version: '0',
    logger,
    isAccessLogged: true,
    connections: { inAll: 1_000, perAddress: 1_000 },
  });
  return app;
}

async function startServer(): Promise<NestFastifyApplication> {
  const app = await createServer();
  await app.listen(0, '127.0.0.1');
  return app;
}

describe('an answer before the end of the request body', () => {
  let app: NestFastifyApplication;
  let port: number;
  const sockets: Socket[] = [];
  beforeAll(async () => {
    app = await startServer();
    port = (app.getHttpServer().address() as AddressInfo).port;
  });
  afterAll(async () => {
    for (const socket of sockets) socket.destroy();
    await app.close();
  });

  it('is an early refusal for many wrong credentials', async () => {
    const url = `http://127.0.0.1:${port}/things`;
    const refused = await fetch(url, { headers: { 'x-api-key': 'guess' } });
    expect([refused.status, await refused.json()]).toEqual([
      429,
      expect.objectContaining({ code: 'too_many_guesses' }),
    ]);
    expect(Object.fromEntries(refused.headers)).toMatchObject({
      'content-type': 'application/problem+json',
      'retry-after': '1',
      'x-content-type-options': 'nosniff',
      'x-request-id': expect.stringMatching(/^req_/) as string,
    });
    const headers = { 'x-api-key': 'guess', 'content-type': 'application/json' };
    expect((await fetch(url, { method: 'POST', headers, body: '{}' })).status).toBe(429);
  });

  const admin = { 'x-api-key': 'admin', 'content-type': 'application/json' };
  const refusals: [status: number, method: string, path: string, headers: Record<string, string>][] = [
    [413, 'POST', '/things', admin],
    [401, 'POST', '/things', { 'content-type': 'application/json' }],
    [403, 'POST', '/things', { ...admin, 'x-api-key': 'member' }],
    [404, 'GET', '/none', admin],
    [405, 'GET', '/things/ignored', admin],
    [415, 'POST', '/things', { ...admin, 'content-type': 'text/plain' }],
    [415, 'POST', '/things', { ...admin, 'content-encoding': 'gzip' }],
    [400, 'POST', '/%E0%A4%A', admin],
    [200, 'PUT', '/things/ignored', admin],
    [200, 'GET', '/things', admin],
    [200, 'GET', '/things', { ...admin, 'content-encoding': 'gzip' }],
  ];

  it.each([
    ['gzip', 415],
    ['identity, br', 415],
    ['identity', 201],
    ['', 201],
  ])('takes a body with the coding "%s", or answers that it does not: %d', async (coding, status) => {
    const { port } = app.getHttpServer().address() as AddressInfo;
    const response = await fetch(`http://127.0.0.1:${port}/things`, {
      method: 'POST',
      headers: { ...admin, 'content-encoding': coding },
      body: '{}',
    });
    expect([response.status, response.headers.get('accept-encoding')]).toEqual([
      status,
      status === 415 ? 'identity' : null,
    ]);
  });

  it.each([
    ['[', ']', 64, 201],
    ['[', ']', 65, 400],
    ['{"a":[', ']}', 5_000, 400],
  ])('answers a body of nested %s%s, %d times, with %d', async (before, after, times, status) => {
    const { port } = app.getHttpServer().address() as AddressInfo;
    const body = `${before.repeat(times)}${after.repeat(times)}`;
    const response = await fetch(`http://127.0.0.1:${port}/things`, { method: 'POST', headers: admin, body });
    expect([response.status, (await response.text()).includes('nested too deeply')]).toEqual([status, status === 400]);
  });

  it.each([
    [100_000, 201],
    [100_001, 400],
  ])('answers a body with %d commas with %d', async (commas, status) => {
    const { port } = app.getHttpServer().address() as AddressInfo;
    const body = `[${'1,'.repeat(commas)}1]`;
    const response = await fetch(`http://127.0.0.1:${port}/things/large`, { method: 'POST', headers: admin, body });
    expect([response.status, (await response.text()).includes('too many members')]).toEqual([status, status === 400]);
  });

  it.each(['POST', 'PUT'])('answers %s to a path without a route without reading its body', async (method) => {
    const { port } = app.getHttpServer().address() as AddressInfo;
    const options: RequestInit = { method, headers: admin, body: '[' };
    const response = await fetch(`http://127.0.0.1:${port}/none`, options);
    expect([response.status, response.headers.get('connection')]).toEqual([404, 'close']);
  });

  it('keeps the connection after a body that it has read, and after one that it did not need', async () => {
    const { port } = app.getHttpServer().address() as AddressInfo;
    for (const [method, path, status] of [
      ['POST', '/things', 201],
      ['PUT', '/things/ignored', 200],
    ] as const) {
      const response = await fetch(`http://127.0.0.1:${port}${path}`, { method, headers: admin, body: '{}' });
      expect([response.status, response.headers.get('connection')]).toEqual([status, 'keep-alive']);
    }
  });

  it('ignores what is sent to a route that takes no body', async () => {
    const { port } = app.getHttpServer().address() as AddressInfo;
    for (const type of ['application/json', 'text/plain']) {
      const headers = { ...admin, 'content-type': type };
      const response = await fetch(`http://127.0.0.1:${port}/things/ignored`, { method: 'PUT', headers, body: '[' });
      expect(response.status).toBe(200);
    }
  });

  const open = async (): Promise<Socket> => {
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    sockets.push(socket);
    await once(socket, 'connect');
    return socket;
  };
  const headOf = (method: string, path: string, headers: Record<string, string>): string =>
    `${[`${method} ${path} HTTP/1.1`, 'host: x', ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`)].join('\r\n')}\r\n\r\n`;

  /** Resolves when the operating system took the bytes; rejects where the connection was reset. */
  const write = (socket: Socket, data: string | Buffer): Promise<void> =>
    new Promise((resolve, reject) => socket.write(data, (error) => (error ? reject(error) : resolve())));

  /** Reads until there is a whole answer. Only called when all is written, as by the simplest of clients. */
  const answerOf = async (socket: Socket): Promise<string> => {
    let text = '';
    for await (const data of socket.iterator({ destroyOnReturn: false })) {
      text += String(data);
      const [answerHead, answerBody] = text.split('\r\n\r\n');
      const length = /content-length: (\d+)/i.exec(answerHead ?? '')?.[1];
      if (length !== undefined && answerBody !== undefined && answerBody.length >= Number(length)) break;
    }
    return text;
  };

  const piece = Buffer.alloc(100_000, 'x');
  const chunk = Buffer.concat([Buffer.from(`${piece.length.toString(16)}\r\n`), piece, Buffer.from('\r\n')]);

  /** Sends a body in pieces and reads the answer after the last one. */
  const send = async (head: string, { data, pieces, everyMs }: { data: Buffer; pieces: number; everyMs?: number }) => {
    const socket = await open();
    await write(socket, head);
    for (let i = 0; i < pieces; i++) {
      if (everyMs !== undefined) await wait(everyMs);
      await write(socket, data);
    }
    if (data === chunk) await write(socket, '0\r\n\r\n');
    return answerOf(socket);
  };

  const isAccepted = ([status]: (typeof refusals)[number]): boolean => status === 413 || status === 200;

  // A refused client that reads nothing while it sends is stopped: see UnreadBodies.
  describe.each(refusals.filter(isAccepted))('%d to %s %s', (status, method, path, headers) => {
    const isAnswer = expect.stringMatching(new RegExp(`^HTTP/1.1 ${status} `)) as unknown;

    it.each([22, 100])('reaches a client that sends %d pieces of 100 kB before it reads', async (pieces) => {
      const length = { 'content-length': String(pieces * piece.length) };
      expect(await send(headOf(method, path, { ...headers, ...length }), { data: piece, pieces })).toEqual(isAnswer);
      const chunked = headOf(method, path, { ...headers, 'transfer-encoding': 'chunked' });
      expect(await send(chunked, { data: chunk, pieces })).toEqual(isAnswer);
    });

    it('reaches a client that sends slowly', async () => {
      const slow = { pieces: 25, everyMs: 20 };
      const length = { 'content-length': String(slow.pieces * piece.length) };
      const answers = await Promise.all([
        send(headOf(method, path, { ...headers, ...length }), { ...slow, data: piece }),
        send(headOf(method, path, { ...headers, 'transfer-encoding': 'chunked' }), { ...slow, data: chunk }),
      ]);
      expect(answers).toEqual([isAnswer, isAnswer]);
    });
  });

  it.each(refusals.filter(([, method]) => method !== 'GET'))(
    'reaches fetch as %d to %s %s with 2.2 MB and 10 MB',
    async (status, method, path, headers) => {
      const options: RequestInit = { method, headers };
      for (const megabytes of [2.2, 2.2, 2.2, 10, 10]) {
        const body = 'x'.repeat(megabytes * 1_000_000);
        const request = new Request(`http://127.0.0.1:${port}${path}`, { ...options, body });
        const response = await fetch(request);
        expect(response.status).toBe(status);
        expect(await response.text()).not.toBe('');
      }
    },
  );

  describe('with Expect: 100-continue', () => {
    const expecting = (length: number, headers: Record<string, string>): string =>
      headOf('POST', '/things', { ...headers, 'content-length': String(length), expect: '100-continue' });

    it('is 413 without 100 Continue where the declared length is too large', async () => {
      expect(await send(expecting(LIMIT + 1, admin), { data: piece, pieces: 0 })).toMatch(/^HTTP\/1\.1 413 /);
    });

    it('is 401 without 100 Continue where there is no key, and closes the connection', async () => {
      const answer = await send(expecting(10, {}), { data: piece, pieces: 0 });
      expect(answer).toMatch(/^HTTP\/1\.1 401 /);
      expect(answer).toMatch(/connection: close/i);
    });

    it('is 413 also for a client that sends the body without waiting', async () => {
      const answer = await send(expecting(100 * piece.length, admin), { data: piece, pieces: 100 });
      expect(answer).toMatch(/^HTTP\/1\.1 413 /);
    });

    it('comes after 100 Continue and the body where the body is accepted', async () => {
      const socket = await open();
      await write(socket, expecting(12, admin));
      const [first] = (await once(socket, 'data')) as [Buffer];
      expect(first.toString()).toBe('HTTP/1.1 100 Continue\r\n\r\n');
      await write(socket, '{"text":"a"}');
      expect(await answerOf(socket)).toMatch(/^HTTP\/1\.1 201 [^]*"size":12/);
    });
  });

  it('closes the connection, so that the client stops sending, where the declared length is too large', async () => {
    const head = headOf('POST', '/things', { 'content-length': String(100_000_000) });
    expect(await send(head, { data: piece, pieces: 1 })).toMatch(/^HTTP\/1\.1 401 [^]*connection: close/i);
  });

  it('does not keep the server from closing', async () => {
    const other = await startServer();
    const socket = connect({ port: (other.getHttpServer().address() as AddressInfo).port, host: '127.0.0.1' });
    sockets.push(socket);
    socket.on('error', () => undefined);
    await write(socket, headOf('POST', '/things', { 'content-length': '1000000' }));
    await once(socket, 'data');
    const started = performance.now();
    await other.close();
    expect(performance.now() - started).toBeLessThan(2_000);
  });
});

describe.runIf(
  Object.values(networkInterfaces())
    .flat()
    .some((own) => own?.address === '::1'),
)('localhost', () => {
  it('has the same server at both of its addresses', async () => {
    const app = await createServer();
    const listener = { server: app.getHttpServer(), listen: (options: ListenOptions) => app.listen(options) };
    const { port, stop } = await listenOn(listener, { host: 'localhost', port: 0 });
    for (const address of ['127.0.0.1', '[::1]']) {
      const status = async (path: string, headers: Record<string, string>): Promise<number> =>
        (await fetch(`http://${address}:${port}${path}`, { headers })).status;
      // Both are answered, or changed, before Fastify has the request.
      expect([address, await status('/things', { 'x-api-key': 'guess' })]).toEqual([address, 429]);
      expect([address, await status('/things/', { 'x-api-key': 'admin' })]).toEqual([address, 200]);
    }
    stop();
    await app.close();
  });
});
