// @ts-check
import 'reflect-metadata';
import { randomUUID } from 'node:crypto';
import { messageTypes, requestsQueue } from '@signalbox/contracts/messages';
import { streamBeacon } from '@signalbox/contracts/streams';
import { Controller, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { EventPattern, Payload } from '@nestjs/microservices';
import { Amqp } from '@signalbox/messaging';
import { AmqpStrategy, handlerProviders } from '@signalbox/nest-service';
import { createLogger } from '@signalbox/platform';
import { testBroker } from '@signalbox/testing';
import { connect } from 'amqplib';
import { compare, median, report } from './measure.mjs';

const COUNT = 5_000;
const IN_FLIGHT = 64;
const body = { stream: 'readers.0', epoch: 1_795_000_000_000, seq: 1, digest: '0123456789abcdef' };
const exchange = 'bench';
const queue = (/** @type {string} */ name) => ({ name, durable: true, arguments: { 'x-max-length': 100_000 } });

/** Publishing, consuming and requesting, compared with plain amqplib. */
export async function* transport() {
  const broker = await testBroker();
  const connection = await connect(broker.url);
  const channel = await connection.createConfirmChannel();
  const amqp = new Amqp({
    url: broker.url,
    name: 'bench',
    logger: createLogger({ name: 'bench', level: 'silent' }),
    topology: {
      exchanges: [
        { name: exchange, type: 'direct' },
        { name: 'bench.dead', type: 'direct' },
      ],
      queues: [queue('sink'), queue('raw'), queue('ours'), queue('nest'), queue('batch')],
      bindings: ['sink', 'raw', 'ours', 'nest', 'batch'].map((name) => ({ exchange, queue: name, key: name })),
    },
    deadLetters: { exchange: 'bench.dead' },
  });
  await amqp.open();

  yield* report(
    'publish with confirm, 1,000 in flight',
    await compare(
      [
        { name: 'amqplib, confirm channel', run: (count) => publishRaw(channel, 'sink', count) },
        { name: 'Publisher.publish', run: (count) => publishOurs(amqp, 'sink', count) },
      ],
      COUNT,
    ),
  );

  yield* report(
    'consume, acknowledged, JSON checked by its schema (publishing included)',
    await compare(
      [
        { name: 'amqplib: parse, ack each', run: await consumeRaw(connection, channel) },
        { name: 'Amqp.subscribe', run: await consumeOurs(amqp, channel) },
        { name: 'a Nest handler (AmqpStrategy)', run: await consumeInNest(amqp, channel) },
        { name: 'Amqp.subscribeBatch (heartbeats)', run: await consumeBatches(amqp, channel) },
      ],
      COUNT,
    ),
  );

  yield* await asking(amqp, connection);
  await amqp.close();
  await connection.close();
  await broker.remove();
}

/** The properties of every message of ours: what travels is the same, so that the difference is what our code costs. */
const envelope = () => ({
  contentType: 'application/json',
  type: messageTypes.beacon,
  messageId: randomUUID(),
  appId: 'bench',
  timestamp: Math.floor(Date.now() / 1_000),
  headers: { 'schema-version': '1' },
});

/** @param {import('amqplib').ConfirmChannel} channel @param {string} key @param {number} count */
async function publishRaw(channel, key, count) {
  for (let sent = 0; sent < count; sent++) {
    channel.publish(exchange, key, Buffer.from(JSON.stringify(body)), envelope());
    if (sent % 1_000 === 999) await channel.waitForConfirms();
  }
  await channel.waitForConfirms();
}

/** @param {Amqp} amqp @param {string} routingKey @param {number} count */
async function publishOurs(amqp, routingKey, count) {
  for (let sent = 0; sent < count; sent += 1_000) {
    await Promise.all(
      Array.from({ length: Math.min(1_000, count - sent) }, () =>
        amqp.publisher.publish({ exchange, routingKey, type: messageTypes.beacon, body }),
      ),
    );
  }
}

/** Counts the messages that arrive and reports when the wanted number is reached. */
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
async function consumeInNest(amqp, publishing) {
  const arrivals = new Arrivals();
  class Beacons {
    /** @param {unknown} _beacon */
    take(_beacon) {
      arrivals.add();
    }
  }
  Controller()(Beacons);
  EventPattern(messageTypes.beacon)(
    Beacons.prototype,
    'take',
    /** @type {PropertyDescriptor} */ (Object.getOwnPropertyDescriptor(Beacons.prototype, 'take')),
  );
  Payload({ schema: streamBeacon })(Beacons.prototype, 'take', 0);
  class BenchModule {}
  Module({ controllers: [Beacons], providers: handlerProviders })(BenchModule);
  const app = await NestFactory.createMicroservice(BenchModule, {
    strategy: new AmqpStrategy({ amqp, queues: [{ queue: 'nest' }] }),
    logger: false,
  });
  await app.listen();
  return (/** @type {number} */ count) => exchanged(arrivals, publishing, 'nest', count);
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
  const responder = amqp.respond({
    queue: 'answers',
    declare: { exchanges: [], queues: [queue('answers')], bindings: [] },
    schema: streamBeacon,
    handler: ({ body: asked }) => asked,
  });
  // As the requests of services are.
  const quorum = amqp.respond({
    queue: 'quorum-answers',
    declare: {
      exchanges: [],
      queues: [{ name: 'quorum-answers', durable: true, arguments: { ...requestsQueue('bench').arguments } }],
      bindings: [],
    },
    schema: streamBeacon,
    handler: ({ body: asked }) => asked,
  });
  await Promise.all([responder.ready, quorum.ready]);
  const channel = await connection.createChannel();
  await answerRaw(await connection.createChannel());
  /** @type {Map<string, (value: unknown) => void>} */
  const waiting = new Map();
  await channel.consume(
    'amq.rabbitmq.reply-to',
    (message) => {
      if (!message) return;
      waiting.get(message.properties.correlationId)?.(streamBeacon.parse(JSON.parse(message.content.toString())));
      waiting.delete(message.properties.correlationId);
    },
    { noAck: true },
  );

  const askRaw = () =>
    new Promise((resolve) => {
      const correlationId = randomUUID();
      waiting.set(correlationId, resolve);
      channel.publish('', 'raw-answers', Buffer.from(JSON.stringify(body)), {
        ...envelope(),
        messageId: correlationId,
        correlationId,
        replyTo: 'amq.rabbitmq.reply-to',
        headers: { 'schema-version': '1', deadline: Date.now() + 5_000 },
        expiration: 5_000,
        mandatory: true,
      });
    });
  const askOurs = (/** @type {string} */ routingKey) => () =>
    amqp.request({ exchange: '', routingKey, type: 'ask', body, schema: streamBeacon });
  /** @type {Record<'raw' | 'ours' | 'quorum', number[]>} */
  const times = { raw: [], ours: [], quorum: [] };
  const results = await compare(
    [
      { name: 'amqplib on both sides, direct reply-to', run: (count) => ask(askRaw, count, times.raw) },
      { name: 'Amqp.request, Amqp.respond, classic queue', run: (count) => ask(askOurs('answers'), count, times.ours) },
      {
        name: 'Amqp.request, Amqp.respond, quorum queue',
        run: (count) => ask(askOurs('quorum-answers'), count, times.quorum),
      },
    ],
    2_000,
  );
  const p50 = { raw: median(times.raw), ours: median(times.ours), quorum: median(times.quorum) };
  return [
    ...report(`request and reply, ${IN_FLIGHT} in flight`, results),
    `  p50 of a request: ${p50.raw.toFixed(2)} ms plain, ${p50.ours.toFixed(2)} ms ours, ${(p50.ours / p50.raw).toFixed(2)} ×; through a quorum queue ${p50.quorum.toFixed(2)} ms, ${(p50.quorum / p50.raw).toFixed(2)} ×`,
  ];
}

/** Answers with the body of the request. @param {import('amqplib').Channel} channel */
async function answerRaw(channel) {
  await channel.assertQueue('raw-answers', { durable: true });
  await channel.prefetch(100);
  await channel.consume('raw-answers', (message) => {
    if (!message) return;
    const asked = streamBeacon.parse(JSON.parse(message.content.toString()));
    const { replyTo, correlationId } = message.properties;
    channel.publish('', replyTo, Buffer.from(JSON.stringify(asked)), { ...envelope(), correlationId });
    channel.ack(message);
  });
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
