import { eventually } from '@signalbox/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';

import { Bench, EXCHANGE, gate, QUEUE } from './support.js';

describe('closing', () => {
  let bench: Bench;
  beforeEach(async () => {
    bench = await Bench.start();
  });
  afterEach(() => bench.stop());

  it('lets running handlers finish and acknowledges them', async () => {
    const amqp = await bench.open();
    const letGo = gate();
    const events: string[] = [];
    const handler = async (): Promise<void> => {
      events.push('started');
      await letGo.passed;
      await amqp.publisher.publish({ exchange: '', routingKey: QUEUE, type: 'effect', body: 'effect' });
      events.push('finished');
    };
    await amqp.subscribe({ queue: QUEUE, schema: z.int(), handler }).ready;
    await amqp.publisher.publish({ exchange: EXCHANGE, routingKey: 'work.n', type: 'n', body: 1 });
    await eventually(() => events.length === 1);
    const closed = amqp.close().then(() => events.push('closed'));
    letGo.open();
    await closed;
    expect(events).toEqual(['started', 'finished', 'closed']);
    const left = await bench.channel.get(QUEUE, { noAck: true });
    expect(left && left.content.toString()).toBe('"effect"');
    expect(await bench.count(QUEUE)).toBe(0);
  });

  it('throws when a handler takes longer than the deadline, and its message is handed out again', async () => {
    const amqp = await bench.open();
    const letGo = gate();
    let started = false;
    const handler = async (): Promise<void> => {
      started = true;
      await letGo.passed;
    };
    await amqp.subscribe({ queue: QUEUE, schema: z.int(), handler }).ready;
    await amqp.publisher.publish({ exchange: EXCHANGE, routingKey: 'work.n', type: 'n', body: 1 });
    await eventually(() => started);
    await expect(amqp.close(50)).rejects.toThrow('did not close within 50 ms');
    await eventually(async () => (await bench.count(QUEUE)) === 1);
    letGo.open();
  });

  it('closes one subscription and leaves the rest', async () => {
    const amqp = await bench.open();
    const subscription = amqp.subscribe({ queue: QUEUE, schema: z.int(), handler: () => undefined });
    await subscription.ready;
    await subscription.close();
    await amqp.publisher.publish({ exchange: EXCHANGE, routingKey: 'work.n', type: 'n', body: 1 });
    expect(await bench.count(QUEUE)).toBe(1);
    expect(subscription.active).toBe(false);
    expect(amqp.status().up).toBe(true);
  });

  it('refuses to publish afterwards', async () => {
    const amqp = await bench.open();
    await amqp.close();
    await expect(amqp.publisher.publish({ exchange: '', routingKey: QUEUE, type: 'n', body: 1 })).rejects.toMatchObject(
      { code: 'disconnected' },
    );
  });
});
