import { once } from 'node:events';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { Body, Controller, Get, Module, Post } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { ApiExcludeController } from '@nestjs/swagger';
import { platformModule } from '@signalbox/nest-service';
import { Health, Metrics } from '@signalbox/platform';
import { collectLogs, eventually } from '@signalbox/testing';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createHttpServer } from './http-server.js';
import { HttpModule } from './http.module.js';
import { RequestAuthentication } from './request-authentication.js';
import { RequestLimits } from './request-limits.js';
import { CLASS_LIMITS } from './turns/work-class.rules.js';
import { Turns } from './turns/turns.js';

/** More than a system keeps of a connection whose other end reads nothing. */
const LARGE = 'x'.repeat(16 * 1_024 * 1_024);
const { perCaller } = CLASS_LIMITS.read.atOnce;

/** Not in the OpenAPI document, which requires an id of each operation. */
@ApiExcludeController()
@Controller('things')
class ThingsController {
  begun = 0;

  @Get('large')
  large(): string {
    this.begun += 1;
    return LARGE;
  }

  @Get()
  show(): { ok: true } {
    return { ok: true };
  }

  @Post()
  create(@Body() body: object): object {
    return body;
  }
}

@Module({
  imports: [HttpModule],
  controllers: [ThingsController],
  providers: [
    {
      provide: RequestAuthentication,
      useValue: {
        refusalOf: () => undefined,
        identify: () => undefined,
        authorize: () => undefined,
        confirm: () => undefined,
        find: () => undefined,
        recall: () => undefined,
      } satisfies RequestAuthentication,
    },
    {
      provide: RequestLimits,
      useValue: { admit: () => undefined, counts: () => false, admitNow: () => undefined } satisfies RequestLimits,
    },
  ],
})
class TestModule {}

@Module({})
class RootModule {}

describe('the places of requests', () => {
  let app: NestFastifyApplication;
  const sockets: Socket[] = [];
  beforeAll(async () => {
    const { logger } = collectLogs();
    const platform = platformModule({
      config: {},
      logger,
      health: new Health(),
      metrics: new Metrics({ service: 'test' }),
      shutdown: new AbortController().signal,
    });
    app = await createHttpServer({
      root: { module: RootModule, imports: [platform, TestModule] },
      bodyLimit: 1_000,
      origins: [],
      version: '0',
      logger,
      isAccessLogged: false,
      connections: { inAll: 100, perAddress: 100 },
    });
    await app.listen(0, '127.0.0.1');
  });
  afterEach(() => {
    for (const socket of sockets.splice(0)) socket.destroy();
  });
  afterAll(() => app.close());

  const counts = () => app.get(Turns).countsOf('read');
  const countsOfChanges = () => app.get(Turns).countsOf('write');
  /** Sends requests together over one connection, and reads nothing. */
  const send = async (...paths: string[]): Promise<Socket> => {
    const { port } = app.getHttpServer().address() as AddressInfo;
    const socket = connect(port, '127.0.0.1');
    sockets.push(socket);
    socket.on('error', () => undefined).pause();
    await once(socket, 'connect');
    socket.write(paths.map((path) => `GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`).join(''));
    return socket;
  };
  const begun = () => app.get(ThingsController).begun;

  /** An answer that is not taken, and others that wait behind it; as many as may come together. */
  const TOGETHER = ['/things/large', ...Array.from({ length: 31 }, () => '/things')];
  const CONNECTIONS = Math.ceil(perCaller / TOGETHER.length) + 1;
  const sendAll = async (): Promise<void> => {
    const before = begun();
    for (let sent = 0; sent < CONNECTIONS; sent += 1) await send(...TOGETHER);
    await eventually(() => begun() > before && counts().waiting === CONNECTIONS * TOGETHER.length - perCaller);
  };

  it('are those of this caller alone from the answer on, also where the client does not take it', async () => {
    await sendAll();
    await eventually(() => counts().atWork === 0);
    expect(counts().waiting).toBe(CONNECTIONS * TOGETHER.length - perCaller);
  });

  it('are free when the client leaves, also those of answers that wait behind another one', async () => {
    await sendAll();
    for (const socket of sockets) socket.destroy();
    await eventually(() => counts().waiting === 0 && counts().atWork === 0);
    const { port } = app.getHttpServer().address() as AddressInfo;
    const answers = Array.from({ length: perCaller }, () => fetch(`http://127.0.0.1:${port}/things`));
    expect(new Set((await Promise.all(answers)).map(({ status }) => status))).toEqual(new Set([200]));
    expect(counts()).toEqual({ atWork: 0, waiting: 0 });
  });

  it('are those of this caller alone until the body has come', async () => {
    const { perCaller: mostChanges } = CLASS_LIMITS.write.atOnce;
    const { port } = app.getHttpServer().address() as AddressInfo;
    const head = 'POST /things HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 7\r\n\r\n';
    for (let sent = 0; sent < mostChanges + 3; sent += 1) {
      const socket = connect(port, '127.0.0.1');
      sockets.push(socket);
      socket.on('error', () => undefined).write(`${head}{"a"`);
    }
    await eventually(() => countsOfChanges().waiting === 3 && countsOfChanges().atWork === 0);
    const [first] = sockets;
    first!.write(':1}');
    const [answer] = (await once(first!, 'data')) as [Buffer];
    expect(answer.toString()).toMatch(/^HTTP\/1.1 201 .*\{"a":1\}$/s);
    await eventually(() => countsOfChanges().waiting === 2);
    for (const socket of sockets) socket.destroy();
    await eventually(() => countsOfChanges().waiting === 0 && countsOfChanges().atWork === 0);
  });
});
