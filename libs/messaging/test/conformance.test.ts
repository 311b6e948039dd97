import { collectLogs, eventually } from '@signalbox/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';

import {
  Amqp,
  DeadMessage,
  RequestRefused,
  TryAgain,
  Unavailable,
  type AmqpOptions,
  type RawDelivery,
  type SubscriptionOptions,
} from '../src/index.js';
import { brokers, type BrokerUnderTest } from './brokers.js';
import { DEAD_EXCHANGE, DEAD_QUEUE, EXCHANGE, gate, QUEUE, topology as base } from './support.js';

const RETRY = 'test.retry';
/** Two tries after the first; short, as what is tested is the way and not the wait. */
const WAITING = [`${QUEUE}.retry.short`, `${QUEUE}.retry.longer`];
const waiting = (name: string, ttl: number) => ({
  name,
  durable: true,
  arguments: { 'x-message-ttl': ttl, 'x-dead-letter-exchange': '', 'x-dead-letter-routing-key': QUEUE },
});
const topology = {
  exchanges: [...base.exchanges, { name: RETRY, type: 'topic' as const }],
  queues: [...base.queues, waiting(WAITING[0]!, 50), waiting(WAITING[1]!, 150)],
  bindings: [...base.bindings, ...WAITING.map((queue) => ({ exchange: RETRY, queue, key: queue }))],
};
const retry = { exchange: RETRY, queues: WAITING };

const item = z.object({ n: z.int() });
type Item = z.output<typeof item>;

/** One suite for every broker that stands in for another: what holds for the real one holds for the one in memory. */
describe.each(brokers)('on $name', ({ start }) => {
  let broker: BrokerUnderTest;
  const opened: Amqp[] = [];

  beforeEach(async () => {
    broker = await start();
  });
  afterEach(async () => {
    await Promise.allSettled(opened.splice(0).map((amqp) => amqp.close()));
    await broker.remove();
  });

  const open = async (overrides: Partial<AmqpOptions> = {}): Promise<Amqp> => {
    const reconnect = { minMs: 20, maxMs: 200 };
    const amqp = new Amqp({
      ...broker.options,
      name: 'test',
      logger: collectLogs().logger,
      topology,
      deadLetters: { exchange: DEAD_EXCHANGE },
      reconnect,
      ...overrides,
    });
    opened.push(amqp);
    await amqp.open();
    return amqp;
  };
  const send = (amqp: Amqp, n: unknown, more: object = {}) =>
    amqp.publisher.publish({
      exchange: EXCHANGE,
      routingKey: 'work.a',
      type: 'item',
      body: { n },
      mandatory: true,
      ...more,
    });
  const subscribe = async (
    amqp: Amqp,
    handler: SubscriptionOptions<Item>['handler'],
    more: Partial<SubscriptionOptions<Item>> = {},
  ) => {
    const subscription = amqp.subscribe({ queue: QUEUE, schema: item, handler, ...more });
    await subscription.ready;
    return subscription;
  };
  /** Has every connection closed, and resolves when the instance has noticed. */
  const cut = async (amqp: Amqp): Promise<void> => {
    let noticed = false;
    const forget = amqp.onStatus(({ up }) => (noticed ||= !up));
    await broker.closeAllConnections();
    await eventually(() => noticed);
    forget();
  };
  /** What is parked, as those who look after it see it. */
  const parked = async (amqp: Amqp, count: number): Promise<RawDelivery[]> => {
    const found: RawDelivery[] = [];
    const subscription = amqp.subscribeBatch({ queue: DEAD_QUEUE, handler: (batch) => void found.push(...batch) });
    await eventually(() => found.length >= count);
    await subscription.close();
    return found;
  };

  describe('publishing', () => {
    it('resolves when the message is in its queue', async () => {
      const amqp = await open();
      await send(amqp, 1);
      expect(await broker.count(QUEUE)).toBe(1);
    });

    it('fails where no queue takes a mandatory message, and not where it is not mandatory', async () => {
      const amqp = await open();
      await expect(send(amqp, 1, { routingKey: 'elsewhere' })).rejects.toMatchObject({ code: 'unroutable' });
      await expect(send(amqp, 1, { routingKey: 'elsewhere', mandatory: false })).resolves.toBeUndefined();
    });

    it('keeps the order', async () => {
      const amqp = await open();
      const seen: number[] = [];
      await subscribe(amqp, ({ body }) => void seen.push(body.n));
      await Promise.all(Array.from({ length: 300 }, (_, n) => send(amqp, n)));
      await eventually(() => seen.length === 300);
      expect(seen).toEqual(Array.from({ length: 300 }, (_, n) => n));
    });

    it('fails at once without a connection, and works again when there is one', async () => {
      const amqp = await open();
      const outcomes: Promise<unknown>[] = [];
      amqp.onStatus(({ up }) =>
        outcomes.push(
          send(amqp, 1).then(
            () => up,
            (error: unknown) => [up, error],
          ),
        ),
      );
      await cut(amqp);
      await eventually(() => amqp.status().up);
      expect(await outcomes[0]).toMatchObject([false, { code: 'disconnected' }]);
      expect(await outcomes.at(-1)).toBe(true);
    });

    it('drops what is too old', async () => {
      const amqp = await open();
      await send(amqp, 1, { expirationMs: 20 });
      await eventually(async () => (await broker.count(QUEUE)) === 0);
      expect(await broker.count(QUEUE)).toBe(0);
    });
  });

  describe('handling', () => {
    it('acknowledges what a handler is through with, also when many are at work and one is slow', async () => {
      const amqp = await open();
      const slow = gate();
      let done = 0;
      await subscribe(amqp, async ({ body }) => {
        if (body.n === 0) await slow.passed;
        done += 1;
      });
      await Promise.all(Array.from({ length: 50 }, (_, n) => send(amqp, n)));
      await eventually(async () => done === 49 && (await broker.count(QUEUE)) === 1);
      slow.open();
      await eventually(async () => (await broker.count(QUEUE)) === 0);
      expect(done).toBe(50);
    });

    it('has no more at work than it was told', async () => {
      const amqp = await open();
      let atWork = 0;
      let most = 0;
      let done = 0;
      await subscribe(
        amqp,
        async () => {
          most = Math.max(most, (atWork += 1));
          await new Promise((resolve) => setImmediate(resolve));
          atWork -= 1;
          done += 1;
        },
        { prefetch: 3 },
      );
      await Promise.all(Array.from({ length: 30 }, (_, n) => send(amqp, n)));
      await eventually(() => done === 30);
      expect(most).toBeLessThanOrEqual(3);
    });

    it('parks what fails, with its reason, and goes on', async () => {
      const amqp = await open();
      const seen: number[] = [];
      await subscribe(amqp, ({ body }) => {
        if (body.n === 1) throw new Error('no');
        if (body.n === 2) throw new DeadMessage('out-of-date', 'nobody needs it');
        seen.push(body.n);
      });
      for (const n of [1, 2, 3]) await send(amqp, n, { messageId: `id-${n}` });
      await send(amqp, 'four');
      const found = await parked(amqp, 3);
      expect(new Map(found.map(({ messageId, headers }) => [messageId, headers['x-reason']]))).toEqual(
        new Map<unknown, unknown>(
          [
            ['id-1', 'handler-failed'],
            ['id-2', 'out-of-date'],
            [expect.any(String) as unknown, 'schema-refused'],
          ].map(([id, reason]) => [
            typeof id === 'string'
              ? id
              : found.find(({ headers }) => headers['x-reason'] === 'schema-refused')?.messageId,
            reason,
          ]),
        ),
      );
      expect(seen).toEqual([3]);
    });

    it('hands out again what was at work when the connection went', async () => {
      const amqp = await open();
      const held = gate();
      const seen: boolean[] = [];
      await subscribe(amqp, async ({ redelivered }) => {
        seen.push(redelivered);
        if (!redelivered) await held.passed;
      });
      await send(amqp, 1);
      await eventually(() => seen.length === 1);
      await broker.closeAllConnections();
      await eventually(() => seen.length === 2);
      held.open();
      await eventually(async () => (await broker.count(QUEUE)) === 0);
      expect(seen).toEqual([false, true]);
    });

    it('declares and consumes a queue again that was deleted', async () => {
      const amqp = await open();
      const seen: number[] = [];
      let began = 0;
      await subscribe(amqp, ({ body }) => void seen.push(body.n), { onActive: () => (began += 1) });
      await broker.deleteQueue(QUEUE);
      await eventually(() => began === 2);
      await send(amqp, 7);
      await eventually(() => seen.length > 0);
      expect(seen).toEqual([7]);
    });

    it('declares an exclusive queue again when the connection is back', async () => {
      const amqp = await open();
      const queue = 'test.own';
      const seen: number[] = [];
      const declare = {
        exchanges: [],
        queues: [{ name: queue, durable: false, exclusive: true, autoDelete: true }],
        bindings: [{ exchange: EXCHANGE, queue, key: 'own' }],
      };
      let began = 0;
      amqp.subscribe({
        queue,
        declare,
        schema: item,
        handler: ({ body }) => void seen.push(body.n),
        onActive: () => (began += 1),
      });
      await eventually(() => began === 1);
      await cut(amqp);
      await eventually(() => began === 2 && amqp.status().up);
      await send(amqp, 1, { routingKey: 'own' });
      await eventually(() => seen.length === 1);
      expect(seen).toEqual([1]);
    });

    it('gathers batches and acknowledges them', async () => {
      const amqp = await open();
      const sizes: number[] = [];
      await amqp.subscribeBatch({ queue: QUEUE, maxBatch: 10, handler: (batch) => void sizes.push(batch.length) })
        .ready;
      await Promise.all(Array.from({ length: 25 }, (_, n) => send(amqp, n)));
      await eventually(async () => (await broker.count(QUEUE)) === 0);
      expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(25);
      expect(Math.max(...sizes)).toBeLessThanOrEqual(10);
    });

    it('finishes and acknowledges what it has begun before it closes', async () => {
      const amqp = await open();
      const held = gate();
      let begun = 0;
      const subscription = await subscribe(
        amqp,
        async () => {
          begun += 1;
          await held.passed;
        },
        { prefetch: 5 },
      );
      await Promise.all(Array.from({ length: 8 }, (_, n) => send(amqp, n)));
      await eventually(() => begun === 5);
      const closed = subscription.close();
      held.open();
      await closed;
      await eventually(async () => (await broker.count(QUEUE)) === 3);
      expect(begun).toBe(5);
    });
  });

  describe('trying again', () => {
    it('hands a failed message out again after its wait, with the count of its tries and as it first came', async () => {
      const amqp = await open();
      const seen: unknown[] = [];
      await subscribe(
        amqp,
        ({ tries, routingKey, messageId, body, headers }) => {
          seen.push([tries, routingKey, messageId, body.n, headers['traceparent']]);
          if (tries < 3) throw new Error('not yet');
        },
        { retry },
      );
      const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
      await send(amqp, 5, { messageId: 'id', headers: { traceparent } });
      await eventually(() => seen.length === 3);
      expect(seen).toEqual([1, 2, 3].map((tries) => [tries, 'work.a', 'id', 5, traceparent]));
      await eventually(async () => (await broker.count(QUEUE)) === 0);
      expect(await broker.count(DEAD_QUEUE)).toBe(0);
    });

    it('parks what fails to the end, with how often it was tried', async () => {
      const amqp = await open();
      let tried = 0;
      await subscribe(
        amqp,
        () => {
          tried += 1;
          throw new Error('never');
        },
        { retry },
      );
      await send(amqp, 1);
      const [found] = await parked(amqp, 1);
      expect(found?.headers).toMatchObject({
        'x-reason': 'handler-failed',
        'x-tries': 3,
        'x-source-queue': QUEUE,
        'x-source-exchange': EXCHANGE,
        'x-source-routing-key': 'work.a',
      });
      expect(tried).toBe(3);
    });

    it('does not count the tries in which the handler lacked what it needs', async () => {
      const amqp = await open();
      const seen: number[] = [];
      await subscribe(
        amqp,
        ({ tries }) => {
          seen.push(tries);
          if (seen.length < 5) throw new Unavailable('storage_unavailable', 'the database is away');
        },
        { retry },
      );
      await send(amqp, 1);
      await eventually(() => seen.length === 5);
      expect(seen).toEqual([1, 1, 1, 1, 1]);
      await eventually(async () => (await broker.count(QUEUE)) === 0);
      expect(await broker.count(DEAD_QUEUE)).toBe(0);
    });

    it('does not try again what will be wrong again', async () => {
      const amqp = await open();
      let tried = 0;
      await subscribe(
        amqp,
        () => {
          tried += 1;
          throw new DeadMessage('wrong', 'and will be');
        },
        { retry },
      );
      await send(amqp, 1);
      expect((await parked(amqp, 1))[0]?.headers['x-tries']).toBe(1);
      expect(tried).toBe(1);
    });

    it('declares the queues of its retry path again when they were deleted with it', async () => {
      const amqp = await open();
      let tried = 0;
      let began = 0;
      await subscribe(
        amqp,
        () => {
          tried += 1;
          if (tried === 1) throw new Error('not yet');
        },
        { retry, onActive: () => (began += 1) },
      );
      await broker.deleteQueue(WAITING[0]!);
      await broker.deleteQueue(QUEUE);
      await eventually(() => began === 2);
      await send(amqp, 1);
      await eventually(() => tried === 2);
      expect(tried).toBe(2);
    });
  });

  describe('asking', () => {
    const ask = (amqp: Amqp, more: object = {}) =>
      amqp.request({ exchange: '', routingKey: QUEUE, type: 'ask', body: { n: 2 }, schema: z.unknown(), ...more });
    const answer = async (amqp: Amqp, handler: (n: number) => unknown) => {
      const subscription = amqp.respond({ queue: QUEUE, schema: item, handler: ({ body }) => handler(body.n) });
      await subscription.ready;
      return subscription;
    };

    it('gives the answer', async () => {
      const amqp = await open();
      await answer(amqp, (n) => n * 2);
      expect(await Promise.all(Array.from({ length: 20 }, () => ask(amqp)))).toEqual(
        Array.from({ length: 20 }, () => 4),
      );
    });

    it('tells what was refused, what nobody takes and what failed', async () => {
      const amqp = await open();
      await answer(amqp, (n) => {
        if (n === 2) throw new RequestRefused('no', 'not two');
        throw new Error('inside');
      });
      await expect(ask(amqp)).rejects.toMatchObject({ code: 'refused', remoteCode: 'no', message: 'not two' });
      await expect(ask(amqp, { body: { n: 3 } })).rejects.toMatchObject({ code: 'refused', remoteCode: 'internal' });
      await expect(ask(amqp, { body: { n: 'x' } })).rejects.toMatchObject({
        code: 'refused',
        remoteCode: 'invalid_request',
      });
      await expect(ask(amqp, { routingKey: 'nowhere' })).rejects.toMatchObject({ code: 'unroutable' });
    });

    it('gives up after its time, and a late answer changes nothing', async () => {
      const amqp = await open();
      const held = gate();
      await answer(amqp, async () => {
        await held.passed;
        return 'late';
      });
      await expect(ask(amqp, { timeoutMs: 50 })).rejects.toMatchObject({ code: 'timeout', maybeDone: true });
      held.open();
      expect(await ask(amqp)).toBe('late');
    });

    it('does not work on what nobody waits for any more', async () => {
      const amqp = await open();
      let worked = 0;
      const deadline = Date.now() + 30;
      await expect(ask(amqp, { timeoutMs: 30 })).rejects.toMatchObject({ code: 'timeout' });
      // A timer may fire a millisecond before the clock shows it.
      await eventually(() => Date.now() > deadline + 5);
      await answer(amqp, () => (worked += 1));
      expect(await ask(amqp)).toBe(1);
    });

    it('tells at once who waits when the connection goes', async () => {
      const amqp = await open();
      const held = gate();
      let asked = 0;
      await answer(amqp, async () => {
        asked += 1;
        await held.passed;
      });
      const outcome = ask(amqp, { timeoutMs: 60_000 }).catch((error: unknown) => error);
      await eventually(() => asked === 1);
      await broker.closeAllConnections();
      expect(await outcome).toMatchObject({ code: 'disconnected', maybeDone: true });
      held.open();
    });

    it('asks again with the same id until it is answered, whatever happens meanwhile', async () => {
      const amqp = await open();
      const ids: unknown[] = [];
      const first = gate();
      const responder = amqp.respond({
        queue: QUEUE,
        schema: item,
        handler: async ({ messageId }) => {
          ids.push(messageId);
          if (ids.length === 1) await first.passed;
          return ids.length;
        },
      });
      await responder.ready;
      const outcome = ask(amqp, { messageId: 'same', repeatForMs: 60_000 });
      await eventually(() => ids.length === 1);
      await broker.closeAllConnections();
      first.open();
      expect(await outcome).toBeGreaterThan(1);
      expect(new Set(ids)).toEqual(new Set(['same']));
    });

    it('does not say that nothing was done when only the last try never left', async () => {
      const amqp = await open();
      const responder = await answer(amqp, () => new Promise(() => undefined));
      const outcome = ask(amqp, { timeoutMs: 100, repeatForMs: 1_500 }).catch((error: unknown) => error);
      await eventually(async () => ((await broker.count(QUEUE)) ?? 0) > 0);
      void responder;
      expect(await outcome).toMatchObject({ maybeDone: true });
      // Its handler never ends, and close() would wait for it.
      await amqp.close(100).catch(() => undefined);
    });

    it('gives back what may or may not be done, and answers when that is known', async () => {
      const amqp = await open();
      let tried = 0;
      await answer(amqp, () => {
        tried += 1;
        if (tried === 1) throw new TryAgain('COMMIT without an answer');
        return 'done';
      });
      expect(await ask(amqp)).toBe('done');
      expect(tried).toBe(2);
    });
  });
});
