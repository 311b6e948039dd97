import 'reflect-metadata';
import { Controller, Module, type DynamicModule } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { MessagePattern } from '@nestjs/microservices';
import { exchanges, handlersTopology } from '@signalbox/contracts/messages';
import { Amqp } from '@signalbox/messaging';
import { collectLogs, eventually, testBroker, type TestBroker } from '@signalbox/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { AmqpHandlersModule, AmqpStrategy } from '../src/index.js';
import { HANDLERS_AT_ONCE } from '../src/capacity.js';

const SERVICE = 'things';

let waiting = 0;
let release: () => void;
let released: Promise<void>;

@Controller()
class Things {
  /** Waits for another system, as a handler that fetches a repository does. */
  @MessagePattern('things.fetch')
  async fetch(): Promise<string> {
    waiting += 1;
    await released;
    return 'fetched';
  }

  @MessagePattern('things.act')
  act(): string {
    return 'done';
  }
}

@Module({})
class ThingsModule {
  static with(amqp: Amqp): DynamicModule {
    const infrastructure = {
      module: class Infrastructure {},
      global: true,
      providers: [{ provide: Amqp, useValue: amqp }],
      exports: [Amqp],
    };
    return {
      module: ThingsModule,
      imports: [infrastructure, AmqpHandlersModule.register({ service: SERVICE, prefetch: 100 })],
      controllers: [Things],
    };
  }
}

describe('a service with a prefetch of its own', () => {
  let broker: TestBroker;
  let amqp: Amqp;
  let app: Awaited<ReturnType<typeof NestFactory.createMicroservice>>;

  beforeEach(async () => {
    waiting = 0;
    released = new Promise((resolve) => (release = resolve));
    broker = await testBroker();
    const { logger } = collectLogs();
    amqp = new Amqp({
      url: broker.url,
      name: SERVICE,
      logger,
      topology: handlersTopology(SERVICE),
      deadLetters: { exchange: exchanges.deadLetters.name },
    });
    await amqp.open();
    app = await NestFactory.createMicroservice(ThingsModule.with(amqp), {
      logger: false,
      inject: [AmqpStrategy],
      useFactory: (strategy: AmqpStrategy) => ({ strategy }),
    });
    await app.listen();
  });
  afterEach(async () => {
    release();
    await app.close();
    await amqp.close();
    await broker.remove();
  });

  const ask = (type: string, timeoutMs: number): Promise<string> =>
    amqp.request({
      exchange: exchanges.requests.name,
      routingKey: SERVICE,
      type,
      body: {},
      schema: z.string(),
      timeoutMs,
    });

  it('answers a request while as many others wait as it handles at once by default', async () => {
    const fetched = Array.from({ length: HANDLERS_AT_ONCE }, () => ask('things.fetch', 60_000));
    await eventually(() => waiting === HANDLERS_AT_ONCE);
    expect(await ask('things.act', 20_000)).toBe('done');
    release();
    expect(new Set(await Promise.all(fetched))).toEqual(new Set(['fetched']));
  });
});
