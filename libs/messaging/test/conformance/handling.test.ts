import { eventually } from '@signalbox/testing';
import { describe, expect, it } from 'vitest';
import { DeadMessage } from '../../src/index.js';
import { EXCHANGE, gate, QUEUE } from '../support.js';
import { conformanceStage, item } from './stage.js';

describe('handling messages', () => {
  const { broker, cut, deadLettered, open, send, subscribe } = conformanceStage();

  it('acknowledges each message when its handler returns, also beside a slow one', async () => {
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

  it('handles no more messages at once than the prefetch allows', async () => {
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

  it('dead-letters a message whose handler fails, with the reason, and goes on', async () => {
    const amqp = await open();
    const seen: number[] = [];
    await subscribe(amqp, ({ body }) => {
      if (body.n === 1) throw new Error('no');
      if (body.n === 2) throw new DeadMessage('out-of-date', 'it has expired');
      seen.push(body.n);
    });
    for (const n of [1, 2, 3]) await send(amqp, n, { messageId: `id-${n}` });
    await send(amqp, 'four');
    const found = await deadLettered(amqp, 3);
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

  it('receives a message again whose handler ran when the connection was lost', async () => {
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

  it('declares and consumes a deleted queue again', async () => {
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

  it('declares an exclusive queue again on the next connection', async () => {
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

  it('delivers batches and acknowledges them', async () => {
    const amqp = await open();
    const sizes: number[] = [];
    await amqp.subscribeBatch({ queue: QUEUE, maxBatch: 10, handler: (batch) => void sizes.push(batch.length) }).ready;
    await Promise.all(Array.from({ length: 25 }, (_, n) => send(amqp, n)));
    await eventually(async () => (await broker.count(QUEUE)) === 0);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(25);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(10);
  });

  it('finishes and acknowledges running handlers before it closes', async () => {
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
