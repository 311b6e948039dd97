import { eventually } from '@signalbox/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { Bench, EXCHANGE, QUEUE } from './support.js';

describe('publishing', () => {
  let bench: Bench;
  beforeEach(async () => {
    bench = await Bench.start();
  });
  afterEach(() => bench.stop());

  it('puts the envelope into AMQP properties', async () => {
    const amqp = await bench.open();
    const secondsBefore = Math.floor(Date.now() / 1000);
    await amqp.publisher.publish({
      exchange: EXCHANGE,
      routingKey: 'work.a',
      type: 'thing',
      body: { a: 1 },
      headers: { extra: 'x' },
      persistent: true,
    });
    const message = await eventually(() => bench.channel.get(QUEUE, { noAck: true }));
    if (!message) throw new Error('nothing arrived');
    expect(JSON.parse(message.content.toString())).toEqual({ a: 1 });
    expect(message.properties).toMatchObject({
      type: 'thing',
      appId: 'test',
      contentType: 'application/json',
      deliveryMode: 2,
    });
    expect(message.properties.headers).toEqual({ 'schema-version': '1', extra: 'x' });
    expect(message.properties.messageId).toMatch(/^[0-9a-f-]{36}$/);
    expect(message.properties.timestamp).toBeGreaterThanOrEqual(secondsBefore);
  });

  it('confirms many at once through a small window, in order', async () => {
    const amqp = await bench.open({ maxInFlight: 50 });
    const seen: number[] = [];
    await bench.channel.consume(QUEUE, (message) => void (message && seen.push(Number(message.content))), {
      noAck: true,
    });
    const sent = Array.from({ length: 5_000 }, (_, n) =>
      amqp.publisher.publish({ exchange: EXCHANGE, routingKey: 'work.n', type: 'n', body: n }),
    );
    await Promise.all(sent);
    await eventually(() => seen.length === 5_000);
    expect(seen).toEqual(Array.from({ length: 5_000 }, (_, n) => n));
  });

  it('reports a queue that refuses as nacked', async () => {
    const queue = {
      name: 'test.full',
      durable: true,
      arguments: { 'x-max-length': 1, 'x-overflow': 'reject-publish' },
    };
    const amqp = await bench.open({ topology: { exchanges: [], queues: [queue], bindings: [] } });
    const send = (): Promise<void> =>
      amqp.publisher.publish({ exchange: '', routingKey: queue.name, type: 't', body: 1 });
    await send();
    await expect(send()).rejects.toMatchObject({ code: 'nacked' });
  }, 60_000);

  it('survives a publish to an exchange that is not there', async () => {
    const amqp = await bench.open();
    await expect(
      amqp.publisher.publish({ exchange: 'test.missing', routingKey: 'a', type: 't', body: 1 }),
    ).rejects.toMatchObject({ code: 'disconnected' });
    await eventually(async () => {
      await amqp.publisher.publish({ exchange: EXCHANGE, routingKey: 'work.a', type: 't', body: 1 });
      return true;
    });
    expect(amqp.status().up).toBe(true);
  });

  it('rejects what cannot be encoded without harm to others', async () => {
    const amqp = await bench.open();
    const message = { exchange: EXCHANGE, routingKey: 'work.a', type: 't', body: 1 };
    const circular: Record<string, unknown> = {};
    circular['self'] = circular;
    const results = await Promise.allSettled([
      amqp.publisher.publish({ ...message, headers: { big: 'x'.repeat(100_000) } }),
      amqp.publisher.publish({ ...message, body: circular }),
      amqp.publisher.publish(message),
    ]);
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'fulfilled']);
  });
});
