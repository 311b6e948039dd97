import { eventually } from '@signalbox/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';

import type { Delivery } from '../src/index.js';
import { Bench, DEAD_EXCHANGE, DEAD_QUEUE, EXCHANGE, QUEUE, topology } from './support.js';

const schema = z.strictObject({ n: z.int() });

describe('subscribing', () => {
  let bench: Bench;
  beforeEach(async () => {
    bench = await Bench.start();
  });
  afterEach(() => bench.stop());

  const send = (content: string | Buffer, options = {}): boolean =>
    bench.channel.publish(EXCHANGE, 'work.raw', Buffer.from(content), { contentType: 'application/json', ...options });

  it('hands over decoded messages and acknowledges them', async () => {
    const amqp = await bench.open();
    const seen: Delivery<{ n: number }>[] = [];
    await amqp.subscribe({ queue: QUEUE, schema, handler: (delivery) => void seen.push(delivery) }).ready;
    await amqp.publisher.publish({
      exchange: EXCHANGE,
      routingKey: 'work.one',
      type: 'number',
      body: { n: 7 },
      messageId: 'id-7',
    });
    await eventually(() => seen.length === 1);
    expect(seen[0]).toMatchObject({
      body: { n: 7 },
      messageId: 'id-7',
      type: 'number',
      routingKey: 'work.one',
      redelivered: false,
    });
    await amqp.close();
    expect(await bench.count(QUEUE)).toBe(0);
  });

  it('chooses the schema by the type of the message, and dead-letters a message of an unknown type', async () => {
    const amqp = await bench.open();
    const seen: unknown[] = [];
    const schemas = new Map<string, z.ZodType<object>>([
      ['number', schema],
      ['text', z.strictObject({ text: z.string() })],
    ]);
    await amqp.subscribe({
      queue: QUEUE,
      schema: ({ type = '' }) => schemas.get(type),
      handler: ({ type, body }) => void seen.push({ type, body }),
    }).ready;
    send('{"n":1}', { type: 'number' });
    send('{"text":"1"}', { type: 'text' });
    send('{"n":2}', { type: 'text' });
    send('{"n":3}', { type: 'other' });
    send('{"n":4}');
    const dead = await bench.deadLettered(3);
    expect(seen).toEqual([
      { type: 'number', body: { n: 1 } },
      { type: 'text', body: { text: '1' } },
    ]);
    expect(dead.map(({ properties }) => properties.headers?.['x-reason'] as string)).toEqual([
      'schema-refused',
      'unknown-type',
      'unknown-type',
    ]);
  });

  it('dead-letters a message whose handler throws, with the reason, and goes on', async () => {
    const amqp = await bench.open();
    const seen: number[] = [];
    const handler = async ({ body }: Delivery<{ n: number }>): Promise<void> => {
      if (body.n % 2 === 1) throw new TypeError('odd');
      seen.push(body.n);
    };
    await amqp.subscribe({ queue: QUEUE, schema, handler, prefetch: 2 }).ready;
    for (let n = 0; n < 10; n++)
      send(JSON.stringify({ n }), { messageId: `m${n}`, type: 'number', headers: { traceparent: 'tp' } });
    const deadLetters = await bench.deadLettered(5);
    await eventually(() => seen.length === 5);
    expect(deadLetters.map(({ properties }) => properties.messageId as string).toSorted()).toEqual([
      'm1',
      'm3',
      'm5',
      'm7',
      'm9',
    ]);
    expect(deadLetters[0]?.fields.routingKey).toBe(QUEUE);
    expect(deadLetters[0]?.properties).toMatchObject({ type: 'number', deliveryMode: 2 });
    expect(deadLetters[0]?.properties.headers).toMatchObject({
      traceparent: 'tp',
      'x-reason': 'handler-failed',
      'x-detail': 'odd',
      'x-source-queue': QUEUE,
      'x-source-exchange': EXCHANGE,
      'x-source-routing-key': 'work.raw',
    });
    await amqp.close();
    expect(await bench.count(QUEUE)).toBe(0);
  });

  it('dead-letters messages that it cannot decode and handles the others', async () => {
    const amqp = await bench.open();
    const seen: number[] = [];
    await amqp.subscribe({ queue: QUEUE, schema, maxBytes: 100_000, handler: ({ body }) => void seen.push(body.n) })
      .ready;
    const bad: [string, string | Buffer, object?][] = [
      ['not-json', '{"n":'],
      ['not-json', ''],
      ['not-utf8', Buffer.from([0x22, 0xff, 0xfe, 0x22])],
      ['wrong-content-type', '{"n":1}', { contentType: 'text/plain' }],
      ['wrong-content-type', '{"n":1}', { contentEncoding: 'gzip' }],
      ['schema-refused', '{"n":"secret-value"}'],
      ['schema-refused', '{"n":1,"secret-key":2}'],
      ['too-large', JSON.stringify('x'.repeat(100_001))],
      [
        'not-json',
        '[1',
        {
          headers: { CC: ['work.other'], deep: { a: 'x'.repeat(30_000) }, big: 'y'.repeat(30_000) },
          messageId: 'é'.repeat(127),
        },
      ],
    ];
    for (const [n, [, content, options]] of bad.entries()) {
      send(content, options);
      send(JSON.stringify({ n }));
    }
    send('{"n":99,"__proto__":{"polluted":true}}');
    const deadLetters = await bench.deadLettered(bad.length);
    await eventually(() => seen.length === bad.length + 1);
    const reasons = deadLetters.map(({ properties }) => properties.headers?.['x-reason'] as string);
    expect(reasons.toSorted()).toEqual(bad.map(([reason]) => reason).toSorted());
    expect(JSON.stringify(deadLetters.map(({ properties }) => properties.headers))).not.toContain('secret');
    expect(seen).toContain(99);
    await amqp.close();
    expect(await bench.count(QUEUE)).toBe(0);
  });

  it('loses no message and does not spin while dead-lettering is impossible', async () => {
    const amqp = await bench.open();
    await bench.channel.unbindQueue(DEAD_QUEUE, DEAD_EXCHANGE, '#');
    let calls = 0;
    const handler = (): void => {
      calls++;
      throw new Error('no');
    };
    await amqp.subscribe({ queue: QUEUE, schema, handler }).ready;
    send('{"n":1}');
    await eventually(() => calls === 2);
    expect(
      bench.lines.filter(
        ({ level, msg }) =>
          level === 'error' && msg === 'message cannot be dead-lettered or delayed; it goes back to its queue',
      ),
    ).toHaveLength(1);
    await bench.channel.bindQueue(DEAD_QUEUE, DEAD_EXCHANGE, '#');
    expect(await bench.deadLettered(1)).toHaveLength(1);
    expect(calls).toBeLessThan(5);
  });

  it('declares an exclusive queue of its own, and two instances each get all', async () => {
    const seen: string[] = [];
    for (const name of ['a', 'b']) {
      const amqp = await bench.open({ name });
      const queue = `test.replica.${name}`;
      const declare = {
        exchanges: topology.exchanges,
        queues: [{ name: queue, durable: false, exclusive: true, autoDelete: true }],
        bindings: [{ exchange: EXCHANGE, queue, key: 'work.#' }],
      };
      await amqp.subscribe({ queue, declare, schema, handler: ({ body }) => void seen.push(`${name}${body.n}`) }).ready;
    }
    send('{"n":1}');
    await eventually(() => seen.length === 2);
    expect(seen.toSorted()).toEqual(['a1', 'b1']);
  });

  it('refuses an exclusive queue in the common topology', () => {
    const queues = [{ name: 'mine', durable: false, exclusive: true }];
    expect(() => bench.make({ topology: { exchanges: [], queues, bindings: [] } })).toThrow('exclusive queue mine');
  });
});
