import { Metrics } from '@signalbox/platform';
import { eventually } from '@signalbox/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';

import { messagingRecorder, type Amqp, type SenderRules } from '../src/index.js';
import { Bench, DEAD_QUEUE, EXCHANGE, QUEUE, topology } from './support.js';

const RETRY = 'test.retry';
const WAITING = `${QUEUE}.wait`;

/** The one user of the test's vhost sends all; who is believed is what changes. */
describe('a message of a user that may not send it', () => {
  let bench: Bench;
  let metrics: Metrics;
  let believed: readonly string[];
  let amqp: Amqp;
  const handled: unknown[] = [];

  beforeEach(async () => {
    bench = await Bench.start();
    metrics = new Metrics({ service: 'test' });
    handled.length = 0;
    believed = [];
    const senders: SenderRules = {
      users: ['friend'],
      sendersOf: ({ exchange }) => (exchange === 'test.public' ? 'anyone' : believed),
      answerersOf: () => believed,
    };
    amqp = await bench.open({
      senders,
      recorder: messagingRecorder(metrics),
      topology: {
        exchanges: [...topology.exchanges, { name: RETRY, type: 'topic' }, { name: 'test.public', type: 'topic' }],
        queues: [
          ...topology.queues,
          {
            name: WAITING,
            durable: true,
            arguments: { 'x-message-ttl': 20, 'x-dead-letter-exchange': RETRY, 'x-dead-letter-routing-key': QUEUE },
          },
        ],
        bindings: [
          ...topology.bindings,
          ...[QUEUE, WAITING].map((queue) => ({ exchange: RETRY, queue, key: queue })),
          { exchange: 'test.public', queue: QUEUE, key: '#' },
        ],
      },
    });
  });
  afterEach(() => bench.stop());

  const self = (): string => bench.broker.vhost;
  const retry = { exchange: RETRY, queues: [WAITING] };
  const publish = (exchange = EXCHANGE, routingKey = 'work.a') =>
    amqp.publisher.publish({ exchange, routingKey, type: 't', body: 1, messageId: 'id', mandatory: true });
  const refused = async (sender: string): Promise<number> => {
    const series = `signalbox_messages_refused_senders_total{queue="${QUEUE}",sender="${sender}"`;
    const line = (await metrics.text()).split('\n').find((each) => each.startsWith(series));
    return Number(line?.split(' ').at(-1) ?? 0);
  };

  it('is dropped and counted, whether it is handled by itself, in a batch or with a reply', async () => {
    const subscription = amqp.subscribe({ queue: QUEUE, schema: z.unknown(), handler: () => void handled.push(1) });
    await subscription.ready;
    await publish();
    await eventually(async () => (await refused('other')) === 1);
    await subscription.close();
    const batches = amqp.subscribeBatch({ queue: QUEUE, handler: (batch) => void handled.push(...batch) });
    await batches.ready;
    await publish();
    await eventually(async () => (await refused('other')) === 2);
    await batches.close();
    await amqp.respond({ queue: QUEUE, schema: z.unknown(), handler: () => handled.push(1) }).ready;
    const request = { exchange: EXCHANGE, routingKey: 'work.a', type: 't', body: 1, schema: z.unknown() };
    await expect(amqp.request({ ...request, timeoutMs: 200 })).rejects.toMatchObject({ code: 'timeout' });
    bench.channel.publish(EXCHANGE, 'work.a', Buffer.from('1'));
    await eventually(async () => (await refused('none')) === 1);
    expect(handled).toEqual([]);
    expect(await bench.count(QUEUE)).toBe(0);
    expect(await bench.count(DEAD_QUEUE)).toBe(0);
    expect(bench.lines.filter(({ msg }) => String(msg).startsWith('messages refused'))).not.toEqual([]);
  });

  it('is dead-lettered where it is a command, and neither retried nor believed for its headers', async () => {
    await amqp.subscribe({ queue: QUEUE, schema: z.unknown(), retry, handler: () => void handled.push(1) }).ready;
    await amqp.publisher.publish({
      exchange: EXCHANGE,
      routingKey: 'work.a',
      type: 't',
      body: 1,
      headers: { 'origin-exchange': 'test.public', 'origin-routing-key': 'x', 'origin-user': 'friend', tries: 1 },
    });
    const [letter] = await bench.deadLettered(1);
    expect(letter?.properties.headers).toMatchObject({
      'x-reason': 'wrong-sender',
      'x-sender': self(),
      'x-source-exchange': EXCHANGE,
      'x-tries': 1,
    });
    expect(handled).toEqual([]);
  });

  it('is believed from a user that may send it, from anyone where anyone may, and after its wait for another try', async () => {
    let isBelieved = false;
    believed = [self()];
    await amqp.subscribe({
      queue: QUEUE,
      schema: z.unknown(),
      retry,
      handler: ({ tries, routingKey }) => {
        handled.push([tries, routingKey]);
        // From now on only what this process lets wait is believed.
        believed = [];
        if (!isBelieved) {
          isBelieved = true;
          throw new Error('not yet');
        }
      },
    }).ready;
    await publish();
    await eventually(() => handled.length === 2);
    await publish('test.public', 'x');
    await eventually(() => handled.length === 3);
    expect(handled).toEqual([
      [1, 'work.a'],
      [2, 'work.a'],
      [1, 'x'],
    ]);
  });

  it('is no reply where it does not come from the owner that was asked', async () => {
    believed = [self()];
    await amqp.respond({ queue: QUEUE, schema: z.unknown(), handler: () => void (believed = []) }).ready;
    const request = { exchange: EXCHANGE, routingKey: 'work.a', type: 't', body: 1, schema: z.unknown() };
    await expect(amqp.request({ ...request, timeoutMs: 500 })).rejects.toMatchObject({ code: 'timeout' });
    expect(await metrics.text()).toMatch(/refused_senders_total\{queue="test\.replies",sender="other"[^}]*\} 1/);
  });
});
