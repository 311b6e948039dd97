import { eventually } from '@signalbox/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import type { RawDelivery } from '../src/index.js';
import { Bench, EXCHANGE, gate, QUEUE } from './support.js';

describe('subscribing in batches', () => {
  let bench: Bench;
  beforeEach(async () => {
    bench = await Bench.start();
  });
  afterEach(() => bench.stop());

  const send = (n: number): boolean =>
    bench.channel.publish(EXCHANGE, 'work.n', Buffer.from(String(n)), { messageId: `m${n}` });
  const numbers = (batch: readonly RawDelivery[]): number[] => batch.map(({ content }) => Number(content.toString()));
  const upTo = (count: number): number[] => Array.from({ length: count }, (_, n) => n);

  it('keeps the order, one call at a time, and acknowledges all', async () => {
    const amqp = await bench.open();
    const sizes: number[] = [];
    const seen: number[] = [];
    let running = 0;
    const handler = async (batch: readonly RawDelivery[]): Promise<void> => {
      expect(++running).toBe(1);
      await Promise.resolve();
      sizes.push(batch.length);
      seen.push(...numbers(batch));
      running--;
    };
    for (const n of upTo(3_000)) send(n);
    await eventually(async () => (await bench.count(QUEUE)) === 3_000);
    await amqp.subscribeBatch({ queue: QUEUE, maxBatch: 100, handler }).ready;
    await eventually(() => seen.length === 3_000);
    expect(seen).toEqual(upTo(3_000));
    expect(Math.max(...sizes)).toBe(100);
    await amqp.close();
    expect(await bench.count(QUEUE)).toBe(0);
  });

  it('starts when a batch is full, and with less when it has gathered long enough', async () => {
    const amqp = await bench.open();
    const batches: number[][] = [];
    const handler = (batch: readonly RawDelivery[]): void => void batches.push(numbers(batch));
    const patient = amqp.subscribeBatch({ queue: QUEUE, maxBatch: 2, maxWaitMs: 600_000, handler });
    await patient.ready;
    send(0);
    await eventually(async () => (await bench.count(QUEUE)) === 0);
    send(1);
    await eventually(() => batches.length === 1);
    await patient.close();
    await amqp.subscribeBatch({ queue: QUEUE, maxWaitMs: 50, handler }).ready;
    send(2);
    await eventually(() => batches.length === 2);
    expect(batches).toEqual([[0, 1], [2]]);
  });

  it('acknowledges handled messages together, after a while or as many as a batch may have', async () => {
    const amqp = await bench.open();
    const seen: number[] = [];
    const handler = (batch: readonly RawDelivery[]): void => void seen.push(...numbers(batch));
    const options = { queue: QUEUE, maxBatch: 3, ackWithinMs: 600_000, prefetch: 4, handler };
    await amqp.subscribeBatch(options).ready;
    // One at a time, so that each is a batch of its own.
    for (const n of upTo(7)) {
      send(n);
      await eventually(() => seen.length === n + 1);
      await eventually(async () => (await bench.unacknowledged(QUEUE)) === seen.length % 3);
    }
    await amqp.close();
    expect(await bench.count(QUEUE)).toBe(0);
  });

  it('gets again what it had handled and not acknowledged when its connection is cut, and acknowledges that', async () => {
    const amqp = await bench.open();
    const seen: number[] = [];
    const handler = (batch: readonly RawDelivery[]): void => void seen.push(...numbers(batch));
    await amqp.subscribeBatch({ queue: QUEUE, maxBatch: 10, ackWithinMs: 600_000, handler }).ready;
    for (const n of upTo(3)) send(n);
    await eventually(() => seen.length === 3);
    await bench.cut(amqp);
    await eventually(() => seen.length >= 6);
    expect(seen.slice(0, 6)).toEqual([...upTo(3), ...upTo(3)]);
    await amqp.close();
    await eventually(async () => (await bench.broker.messageCount(QUEUE)) === 0);
  });

  it('gives back what it had gathered when its connection is cut', async () => {
    const amqp = await bench.open();
    const forgotten: number[] = [];
    await amqp.subscribeBatch({
      queue: QUEUE,
      maxBatch: 3,
      maxWaitMs: 600_000,
      handler: () => undefined,
      onForgotten: (deliveries) => void forgotten.push(...numbers(deliveries)),
    }).ready;
    for (const n of upTo(2)) send(n);
    await eventually(async () => (await bench.unacknowledged(QUEUE)) === 2);
    // Answered over the same connection, after the deliveries.
    await amqp.messageCount(QUEUE);
    await bench.cut(amqp);
    expect(forgotten.slice(0, 2)).toEqual(upTo(2));
  });

  it('acknowledges what was handled before a batch whose handler throws, and dead-letters only that', async () => {
    const amqp = await bench.open();
    const seen: number[] = [];
    const handler = (batch: readonly RawDelivery[]): void => {
      if (seen.length === 2) throw new Error('not now');
      seen.push(...numbers(batch));
    };
    await amqp.subscribeBatch({ queue: QUEUE, maxBatch: 10, ackWithinMs: 600_000, handler }).ready;
    for (const n of upTo(3)) {
      send(n);
      await eventually(() => n === 2 || seen.length === n + 1);
    }
    const deadLetters = await bench.deadLettered(1);
    expect(deadLetters.map(({ content }) => Number(content.toString()))).toEqual([2]);
    await eventually(async () => (await bench.unacknowledged(QUEUE)) === 0);
    await amqp.close();
    expect(await bench.count(QUEUE)).toBe(0);
  });

  it('dead-letters each message of a batch whose handler throws', async () => {
    const amqp = await bench.open();
    let failing = true;
    const seen: number[] = [];
    const handler = (batch: readonly RawDelivery[]): void => {
      if (failing) throw new Error('not now');
      seen.push(...numbers(batch));
    };
    for (const n of upTo(3)) send(n);
    await eventually(async () => (await bench.count(QUEUE)) === 3);
    await amqp.subscribeBatch({ queue: QUEUE, handler }).ready;
    const deadLetters = await bench.deadLettered(3);
    expect(deadLetters.map(({ content }) => Number(content.toString()))).toEqual([0, 1, 2]);
    expect(deadLetters[0]?.properties).toMatchObject({
      messageId: 'm0',
      headers: { 'x-reason': 'handler-failed', 'x-detail': 'not now' },
    });
    failing = false;
    send(3);
    await eventually(() => seen.length === 1);
    await amqp.close();
    expect(await bench.count(QUEUE)).toBe(0);
  });

  it('lets the handler dead-letter one item as a message of its own', async () => {
    const amqp = await bench.open();
    const handler = async (batch: readonly RawDelivery[]): Promise<void> => {
      for (const source of batch)
        await amqp.deadLetter({
          reason: 'bad-item',
          detail: '1.seq: invalid_type',
          source,
          item: { body: { bad: 1 } },
        });
    };
    await amqp.subscribeBatch({ queue: QUEUE, handler }).ready;
    send(5);
    const [item] = await bench.deadLettered(1);
    expect(JSON.parse(item!.content.toString())).toEqual({ bad: 1 });
    expect(item!.properties).toMatchObject({
      contentType: 'application/json',
      headers: { 'x-reason': 'bad-item', 'x-source-queue': QUEUE },
    });
    expect(item!.properties.messageId).not.toBe('m5');
  });

  it('finishes the running batch on close and gives the rest back', async () => {
    const amqp = await bench.open();
    const letGo = gate();
    let handed: number[] = [];
    const handler = async (batch: readonly RawDelivery[]): Promise<void> => {
      handed = [...handed, ...numbers(batch)];
      await letGo.passed;
    };
    await amqp.subscribeBatch({ queue: QUEUE, maxBatch: 2, prefetch: 10, handler }).ready;
    for (const n of upTo(6)) send(n);
    await eventually(() => handed.length > 0);
    const closed = amqp.close();
    letGo.open();
    await closed;
    await eventually(async () => (await bench.count(QUEUE)) === 6 - handed.length);
    expect(handed.length).toBeLessThanOrEqual(2);
  });
});
