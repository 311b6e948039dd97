import 'reflect-metadata';
import { Controller } from '@nestjs/common';
import { MessagePattern } from '@nestjs/microservices';
import { exchanges } from '@signalbox/contracts/messages';
import { eventually, testBroker, type TestBroker } from '@signalbox/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { HANDLERS_AT_ONCE } from '../src/capacity.js';
import { HandlingService } from './handling-service.js';

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

describe('a service with a prefetch of its own', () => {
  let broker: TestBroker;
  let service: HandlingService;

  beforeEach(async () => {
    waiting = 0;
    released = new Promise((resolve) => (release = resolve));
    broker = await testBroker();
    const handlers = { service: SERVICE, prefetch: 100 };
    service = await HandlingService.start({ broker, handlers, controller: Things });
  });
  afterEach(async () => {
    release();
    await service.close();
    await broker.remove();
  });

  const ask = (type: string, timeoutMs: number): Promise<string> =>
    service.amqp.request({
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
