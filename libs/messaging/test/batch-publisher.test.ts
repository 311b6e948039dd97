import { eventually, TcpProxy } from '@signalbox/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Amqp, BatchMessage } from '../src/index.js';
import { Bench, EXCHANGE, QUEUE } from './support.js';

const messages = (from: number, count: number): BatchMessage[] =>
  Array.from({ length: count }, (_, n) => ({
    routingKey: 'work.n',
    content: Buffer.from(String(from + n)),
    type: 'n',
    messageId: `id-${from + n}`,
  }));

describe('publishing batches', () => {
  let bench: Bench;
  beforeEach(async () => {
    bench = await Bench.start();
  });
  afterEach(() => bench.stop());

  /** Resolves when the channel of batches is open, and one was published. */
  const ready = async (amqp: Amqp): Promise<void> => {
    await eventually(() => amqp.batchPublisher.publishAll('', messages(0, 1)).then(() => true));
  };

  it('confirms batches that are larger than the window, in order', async () => {
    const amqp = await bench.open({ maxBatchInFlight: 100 });
    await ready(amqp);
    const seen: number[] = [];
    await bench.channel.consume(QUEUE, (message) => void (message && seen.push(Number(message.content))), {
      noAck: true,
    });
    await Promise.all([0, 700, 1_400].map((from) => amqp.batchPublisher.publishAll(EXCHANGE, messages(from, 700))));
    await eventually(() => seen.length === 2_100);
    expect(seen).toEqual(Array.from({ length: 2_100 }, (_, n) => n));
  });

  it('makes persistent JSON messages with the id and type that are given', async () => {
    const amqp = await bench.open();
    await ready(amqp);
    await amqp.batchPublisher.publishAll(EXCHANGE, messages(7, 1));
    const message = await eventually(() => bench.channel.get(QUEUE, { noAck: true }));
    if (!message) throw new Error('nothing arrived');
    expect(message.content.toString()).toBe('7');
    expect(message.properties).toMatchObject({
      messageId: 'id-7',
      type: 'n',
      appId: 'test',
      contentType: 'application/json',
      deliveryMode: 2,
      headers: { 'schema-version': '1' },
    });
  });

  it('fails a batch of which the broker refuses a message, and no other', async () => {
    const full = {
      name: 'test.full',
      durable: true,
      arguments: { 'x-max-length': 1, 'x-overflow': 'reject-publish' },
    };
    const amqp = await bench.open({ topology: { exchanges: [], queues: [full], bindings: [] } });
    await ready(amqp);
    const toFull = messages(0, 3).map((message) => ({ ...message, routingKey: full.name }));
    const [refused, other] = await Promise.allSettled([
      amqp.batchPublisher.publishAll('', toFull),
      amqp.batchPublisher.publishAll('', messages(0, 50)),
    ]);
    expect(refused).toMatchObject({ reason: { code: 'nacked' } });
    expect(other.status).toBe('fulfilled');
  });

  it('fails what waits when the connection is lost, and publishes again afterwards', async () => {
    const proxy = await TcpProxy.start({ port: Number(new URL(bench.broker.url).port) });
    const url = new URL(bench.broker.url);
    url.port = String(proxy.port);
    const amqp = await bench.open({ url: url.href, maxBatchInFlight: 10 });
    await ready(amqp);
    proxy.cut();
    const lost = Promise.allSettled([amqp.batchPublisher.publishAll('', messages(0, 50))]);
    proxy.restore();
    proxy.reset();
    expect(await lost).toMatchObject([{ reason: { code: 'disconnected', maybeSent: true } }]);
    await ready(amqp);
    await proxy.close();
  });

  it('fails all that waits when the broker confirms nothing, and publishes again afterwards', async () => {
    const proxy = await TcpProxy.start({ port: Number(new URL(bench.broker.url).port) });
    const url = new URL(bench.broker.url);
    url.port = String(proxy.port);
    const amqp = await bench.open({ url: url.href, batchStallMs: 200, heartbeatSeconds: 60 });
    await ready(amqp);
    proxy.cut();
    const results = await Promise.allSettled([1, 2].map((n) => amqp.batchPublisher.publishAll('', messages(n, 50))));
    expect(results).toMatchObject([{ reason: { code: 'timeout' } }, { reason: { code: 'timeout' } }]);
    proxy.restore();
    await ready(amqp);
    await proxy.close();
  });
});
