// @ts-check
import { randomUUID } from 'node:crypto';
import { messageTypes, streamBeacon } from '@signalbox/contracts';
import { Amqp } from '@signalbox/messaging';
import { createLogger } from '@signalbox/platform';
import { testBroker } from '@signalbox/testing';
import { connect } from 'amqplib';
import { compare, median, report } from './measure.mjs';

const COUNT = 5_000;
const IN_FLIGHT = 64;
const body = { stream: 'readers.0', epoch: 1_795_000_000_000, seq: 1, digest: '0123456789abcdef' };
const exchange = 'bench';
const queue = (/** @type {string} */ name) => ({ name, durable: true, arguments: { 'x-max-length': 100_000 } });

/** Publishing, consuming and asking, beside plain amqplib. */
export async function* transport() {
  const broker = await testBroker();
  const connection = await connect(broker.url);
  const channel = await connection.createConfirmChannel();
  const amqp = new Amqp({
    url: broker.url,
    name: 'bench',
    logger: createLogger({ name: 'bench', level: 'silent' }),
    topology: {
      exchanges: [{ name: exchange, type: 'direct' }, { name: 'bench.dead', type: 'direct' }],
      queues: [queue('sink'), queue('raw'), queue('ours'), queue('batch')],
      bindings: ['sink', 'raw', 'ours', 'batch'].map((name) => ({ exchange, queue: name, key: name })),
    },
    deadLetters: { exchange: 'bench.dead' },
  });
  await amqp.open();

  yield* report('publish with confirm, 1,000 in flight', await compare([
    { name: 'amqplib, confirm channel', run: (count) => publishRaw(channel, 'sink', count) },
    { name: 'Publisher.publish', run: (count) => publishOurs(amqp, 'sink', count) },
  ], COUNT));

  yield* report('consume, acknowledged, JSON checked by its schema (publishing included)', await compare([
    { name: 'amqplib: parse, ack each', run: await consumeRaw(connection, channel) },
    { name: 'Amqp.subscribe', run: await consumeOurs(amqp, channel) },
    { name: 'Amqp.subscribeBatch (heartbeats)', run: await consumeBatches(amqp, channel) },
  ], COUNT));

  yield* await asking(amqp, connection);
  await amqp.close();
  await connection.close();
  await broker.remove();
}

/** @param {import('amqplib').ConfirmChannel} channel @param {string} key @param {number} count */
async function publishRaw(channel, key, count) {
  for (let sent = 0; sent < count; sent++) {
    channel.publish(exchange, key, Buffer.from(JSON.stringify(body)), { contentType: 'application/json', type: messageTypes.beacon, messageId: randomUUID() });
    if (sent % 1_000 === 999) await channel.waitForConfirms();
  }
  await channel.waitForConfirms();
}

/** @param {Amqp} amqp @param {string} routingKey @param {number} count */
async function publishOurs(amqp, routingKey, count) {
  for (let sent = 0; sent < count; sent += 1_000) {
    await Promise.all(Array.from({ length: Math.min(1_000, count - sent) }, () => amqp.publisher.publish({ exchange, routingKey, type: messageTypes.beacon, body })));
  }
}

/** Counts what arrives and tells when it is enough. */
class Arrivals {
  count = 0;
  wanted = Infinity;
  reached = () => {};

  add(number = 1) {
    this.count += number;
    if (this.count >= this.wanted) this.reached();
  }

  /** @param {number} number of further arrivals */
  until(number) {
    this.wanted = this.count + number;
    return new Promise((resolve) => (this.reached = () => resolve(undefined)));
  }
}

/** @param {import('amqplib').ChannelModel} connection @param {import('amqplib').ConfirmChannel} publishing */
async function consumeRaw(connection, publishing) {
  const arrivals = new Arrivals();
  const channel = await connection.createChannel();
  await channel.prefetch(100);
  await channel.consume('raw', (message) => {
    if (!message) return;
    streamBeacon.parse(JSON.parse(message.content.toString()));
    channel.ack(message);
    arrivals.add();
  });
  return (/** @type {number} */ count) => exchanged(arrivals, publishing, 'raw', count);
}

/** @param {Amqp} amqp @param {import('amqplib').ConfirmChannel} publishing */
async function consumeOurs(amqp, publishing) {
  const arrivals = new Arrivals();
  const subscription = amqp.subscribe({ queue: 'ours', schema: streamBeacon, handler: () => arrivals.add() });
  await subscription.ready;
  return (/** @type {number} */ count) => exchanged(arrivals, publishing, 'ours', count);
}

/** @param {Amqp} amqp @param {import('amqplib').ConfirmChannel} publishing */
async function consumeBatches(amqp, publishing) {
  const arrivals = new Arrivals();
  const subscription = amqp.subscribeBatch({
    queue: 'batch',
    handler: (batch) => {
      for (const { content } of batch) streamBeacon.parse(JSON.parse(content.toString()));
      arrivals.add(batch.length);
    },
  });
  await subscription.ready;
  return (/** @type {number} */ count) => exchanged(arrivals, publishing, 'batch', count);
}

/** @param {Arrivals} arrivals @param {import('amqplib').ConfirmChannel} channel @param {string} key @param {number} count */
async function exchanged(arrivals, channel, key, count) {
  const all = arrivals.until(count);
  await publishRaw(channel, key, count);
  await all;
}

/** @param {Amqp} amqp @param {import('amqplib').ChannelModel} connection */
async function asking(amqp, connection) {
  const responder = amqp.respond({ queue: 'answers', declare: { exchanges: [], queues: [queue('answers')], bindings: [] }, schema: streamBeacon, handler: ({ body: asked }) => asked });
  await responder.ready;
  const channel = await connection.createChannel();
  /** @type {Map<string, (value: unknown) => void>} */
  const waiting = new Map();
  await channel.consume('amq.rabbitmq.reply-to', (message) => {
    if (!message) return;
    waiting.get(message.properties.correlationId)?.(streamBeacon.parse(JSON.parse(message.content.toString())));
    waiting.delete(message.properties.correlationId);
  }, { noAck: true });

  const askRaw = () => new Promise((resolve) => {
    const correlationId = randomUUID();
    waiting.set(correlationId, resolve);
    channel.sendToQueue('answers', Buffer.from(JSON.stringify(body)), { contentType: 'application/json', correlationId, replyTo: 'amq.rabbitmq.reply-to' });
  });
  const askOurs = () => amqp.request({ exchange: '', routingKey: 'answers', type: 'ask', body, schema: streamBeacon });
  const times = { raw: /** @type {number[]} */ ([]), ours: /** @type {number[]} */ ([]) };
  const results = await compare([
    { name: 'amqplib, direct reply-to (our responder)', run: (count) => ask(askRaw, count, times.raw) },
    { name: 'Amqp.request (our responder)', run: (count) => ask(askOurs, count, times.ours) },
  ], 2_000);
  const p50 = { raw: median(times.raw), ours: median(times.ours) };
  return [
    ...report(`request and reply, ${IN_FLIGHT} in flight`, results),
    `  p50 of a request: ${p50.raw.toFixed(2)} ms plain, ${p50.ours.toFixed(2)} ms ours, ${(p50.ours / p50.raw).toFixed(2)} ×`,
  ];
}

/** @param {() => Promise<unknown>} one @param {number} count @param {number[]} times in ms */
async function ask(one, count, times) {
  let left = count;
  const worker = async () => {
    while (left-- > 0) {
      const startedAt = performance.now();
      await one();
      times.push(performance.now() - startedAt);
    }
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, worker));
}
