import 'reflect-metadata';
import { Controller, Module, UseGuards, type CanActivate } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Ctx, MessagePattern, Payload } from '@nestjs/microservices';
import { Amqp, DeadMessage, RequestRefused, type Topology } from '@signalbox/messaging';
import { OutcomeUnknown } from '@signalbox/persistence';
import { collectLogs, eventually, testBroker, type TestBroker } from '@signalbox/testing';
import { of } from 'rxjs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { AmqpContext, AmqpStrategy, CommandPattern, handlerProviders } from '../src/index.js';

const QUEUE = 'thing.requests';
const WAITING = 'thing.requests.wait.1s';
const EVENTS = 'thing.events';
const DEAD = { exchange: 'thing.dead', queue: 'thing.dead' };
const waitBriefly = {
  'x-message-ttl': 50,
  'x-dead-letter-exchange': 'thing.retry',
  'x-dead-letter-routing-key': QUEUE,
};
const topology: Topology = {
  exchanges: [
    { name: DEAD.exchange, type: 'topic' },
    { name: 'thing.retry', type: 'topic' },
  ],
  queues: [
    { name: QUEUE, durable: true },
    { name: EVENTS, durable: true },
    { name: DEAD.queue, durable: true },
    { name: WAITING, durable: true, arguments: waitBriefly },
  ],
  bindings: [
    { exchange: DEAD.exchange, queue: DEAD.queue, key: '#' },
    ...[QUEUE, WAITING].map((queue) => ({ exchange: 'thing.retry', queue, key: queue })),
  ],
};

const order = z.object({ name: z.string(), count: z.int().min(1) });
type Order = z.output<typeof order>;

class NotMallory implements CanActivate {
  canActivate(context: { switchToRpc(): { getData(): Order } }): boolean {
    return context.switchToRpc().getData().name !== 'mallory';
  }
}

/** What the handlers saw, for the test to look at. */
const seen: unknown[] = [];
let failures = 0;

@Controller()
class Things {
  @MessagePattern('thing.order')
  async order(@Payload({ schema: order }) { name, count }: Order, @Ctx() context: AmqpContext) {
    seen.push(context.messageId);
    return { name, doubled: count * 2 };
  }

  @MessagePattern('thing.guarded')
  @UseGuards(NotMallory)
  guarded(@Payload() body: Order) {
    return body.name;
  }

  @MessagePattern('thing.observed')
  observed(): unknown {
    return of('a', 'b');
  }

  @MessagePattern('thing.refuse')
  refuse(): unknown {
    throw new RequestRefused('no_such_thing', 'there is no such thing');
  }

  @MessagePattern('thing.unknown-outcome')
  unknownOutcome(): unknown {
    if ((failures -= 1) >= 0) throw new OutcomeUnknown('COMMIT without an answer');
    return 'found out';
  }

  @CommandPattern('thing.happened')
  happened(@Payload() body: unknown, @Ctx() { delivery }: AmqpContext) {
    if ((failures -= 1) >= 0) throw new Error('not yet');
    seen.push([body, delivery.tries]);
  }

  @CommandPattern('thing.seen')
  saw(@Payload() { n }: { n: number }, @Ctx() { delivery }: AmqpContext) {
    seen.push([n, delivery.type]);
  }

  @CommandPattern('thing.dead')
  dead(): unknown {
    throw new DeadMessage('out-of-date', 'it has expired');
  }
}

@Module({
  controllers: [Things],
  providers: handlerProviders,
})
class ThingsModule {}

describe('AmqpStrategy', () => {
  let broker: TestBroker;
  let amqp: Amqp;
  let app: Awaited<ReturnType<typeof serve>>;
  const { logger } = collectLogs();

  const serve = async () => {
    const strategy = new AmqpStrategy({
      amqp,
      queues: [
        { queue: QUEUE, retry: { exchange: 'thing.retry', queues: [WAITING] } },
        { queue: EVENTS, only: { pattern: 'thing.seen', schema: z.object({ n: z.int() }) } },
      ],
    });
    const made = await NestFactory.createMicroservice(ThingsModule, { strategy, logger: false });
    await made.listen();
    return made;
  };

  beforeEach(async () => {
    seen.length = 0;
    failures = 0;
    broker = await testBroker();
    amqp = new Amqp({ url: broker.url, name: 'thing', logger, topology, deadLetters: { exchange: DEAD.exchange } });
    await amqp.open();
    app = await serve();
  });
  afterEach(async () => {
    await app.close();
    await amqp.close();
    await broker.remove();
  });

  const ask = (type: string, body: unknown = {}, messageId?: string) =>
    amqp.request({
      exchange: '',
      routingKey: QUEUE,
      type,
      body,
      schema: z.unknown(),
      ...(messageId !== undefined && { messageId }),
    });
  const emit = (type: string, body: unknown = {}) =>
    amqp.publisher.publish({ exchange: '', routingKey: QUEUE, type, body, mandatory: true });

  it('answers with what the handler returns, and the handler sees the message id', async () => {
    expect(await ask('thing.order', { name: 'a', count: 2 }, 'id-1')).toEqual({ name: 'a', doubled: 4 });
    expect(seen).toEqual(['id-1']);
  });

  it('answers with the last value of an observable', async () => {
    expect(await ask('thing.observed')).toBe('b');
  });

  it('runs pipes: what the schema refuses is refused with its place and without its value', async () => {
    await expect(ask('thing.order', { name: 'secret-value', count: 0 })).rejects.toMatchObject({
      code: 'refused',
      remoteCode: 'invalid_request',
      message: 'count: too_small',
    });
    expect(seen).toEqual([]);
  });

  it('runs guards', async () => {
    expect(await ask('thing.guarded', { name: 'alice' })).toBe('alice');
    await expect(ask('thing.guarded', { name: 'mallory' })).rejects.toMatchObject({ code: 'refused' });
  });

  it('passes a refusal on, and what nothing handles is refused', async () => {
    await expect(ask('thing.refuse')).rejects.toMatchObject({
      code: 'refused',
      remoteCode: 'no_such_thing',
      message: 'there is no such thing',
    });
    await expect(ask('thing.unhandled')).rejects.toMatchObject({ code: 'refused', remoteCode: 'invalid_request' });
  });

  it('tries an event again after a while, and once only', async () => {
    failures = 1;
    await emit('thing.happened', { n: 1 });
    await eventually(() => seen.length > 0);
    expect(seen).toEqual([[{ n: 1 }, 2]]);
    expect(await broker.messageCount(DEAD.queue)).toBe(0);
  });

  it('dead-letters an event whose last try failed, one that cannot succeed, and one without a handler', async () => {
    failures = 10;
    await Promise.all(['thing.happened', 'thing.dead', 'thing.unhandled'].map((type) => emit(type)));
    await eventually(async () => (await broker.messageCount(DEAD.queue)) === 3);
    expect(failures).toBe(8);
    expect(await broker.messageCount(QUEUE)).toBe(0);
  });

  it('handles every message of an event queue as that event, and dead-letters what its schema refuses', async () => {
    const publish = (type: string, body: unknown) =>
      amqp.publisher.publish({ exchange: '', routingKey: EVENTS, type, body, mandatory: true });
    await publish('thing.order', { name: 'a', count: 2 });
    await publish('thing.order', { n: 1 });
    await eventually(async () => seen.length > 0 && (await broker.messageCount(DEAD.queue)) === 1);
    expect(seen).toEqual([[1, 'thing.order']]);
  });

  it('answers a request whose outcome was unknown only when it is known', async () => {
    failures = 1;
    expect(await ask('thing.unknown-outcome')).toBe('found out');
  });

  it('finishes and answers what it has begun when it is closed', async () => {
    const answers = Array.from({ length: 50 }, (_, count) => ask('thing.order', { name: 'n', count: count + 1 }));
    await eventually(() => seen.length > 0);
    await app.close();
    const begun = seen.length;
    app = await serve();
    expect(await Promise.all(answers)).toHaveLength(50);
    expect(begun).toBeGreaterThan(0);
    expect(new Set(seen).size).toBe(50);
  });
});
