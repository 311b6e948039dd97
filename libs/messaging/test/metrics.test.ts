import { Metrics } from '@signalbox/platform';
import { eventually, TcpProxy } from '@signalbox/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';

import {
  DeadMessage,
  ExpiredMessage,
  messagingRecorder,
  RequestRefused,
  Unavailable,
  type Amqp,
  type MessagingRecorder,
} from '../src/index.js';
import { Bench, DEAD_EXCHANGE, EXCHANGE, QUEUE } from './support.js';

const ID = '0f8fad5b-d9cb-469f-a165-70867728950e';

describe('the metrics of messaging', () => {
  let bench: Bench;
  let metrics: Metrics;
  let recorder: MessagingRecorder;
  let amqp: Amqp;
  beforeEach(async () => {
    bench = await Bench.start();
    metrics = new Metrics({ service: 'test' });
    recorder = messagingRecorder(metrics);
    amqp = await bench.open({ recorder });
  });
  afterEach(() => bench.stop());

  /** The value of a series, its labels as they are printed; undefined: there is none. */
  const valueOf = async (series: string): Promise<number | undefined> => {
    const line = (await metrics.text()).split('\n').find((each) => each.startsWith(series));
    return line === undefined ? undefined : Number(line.split(' ').at(-1));
  };
  const sent = (exchange: string, error = '') =>
    valueOf(`messaging_client_sent_messages_total{messaging_destination_name="${exchange}",error_type="${error}"`);
  const processed = (queue: string, error = '') =>
    valueOf(`messaging_process_duration_seconds_count{messaging_destination_name="${queue}",error_type="${error}"`);
  const publish = (routingKey: string, body: unknown = 1) =>
    amqp.publisher.publish({ exchange: EXCHANGE, routingKey, type: 't', body, mandatory: true });

  it('count what is sent, how long its confirm takes, and what no queue takes', async () => {
    await publish('work.a');
    await publish('work.b');
    await expect(publish('other')).rejects.toThrow('no queue takes this message');
    expect(await sent(EXCHANGE)).toBe(2);
    expect(await sent(EXCHANGE, 'unroutable')).toBe(1);
    expect(await sent(EXCHANGE, 'timeout')).toBe(0);
    const confirms = `signalbox_publish_confirm_duration_seconds_count{messaging_destination_name="${EXCHANGE}"`;
    expect(await valueOf(confirms)).toBe(2);
  });

  it('count what the broker refuses, and what it does not confirm in time', async () => {
    const full = { name: 'test.full', arguments: { 'x-max-length': 1, 'x-overflow': 'reject-publish' }, durable: true };
    const proxy = await TcpProxy.start({ port: Number(new URL(bench.broker.url).port) });
    const url = Object.assign(new URL(bench.broker.url), { port: String(proxy.port) }).href;
    const other = await bench.open({
      url,
      topology: { exchanges: [], queues: [full], bindings: [] },
      recorder,
      confirmTimeoutMs: 500,
    });
    const send = () => other.publisher.publish({ exchange: '', routingKey: full.name, type: 't', body: 1 });
    await send();
    expect(await sent('(default)', 'nacked')).toBe(0);
    await expect(send()).rejects.toThrow('the broker refused the message');
    expect(await sent('(default)', 'nacked')).toBe(1);
    expect(await sent('(default)', 'timeout')).toBe(0);
    proxy.cut();
    await expect(send()).rejects.toThrow('the broker did not confirm in time');
    expect(await sent('(default)', 'timeout')).toBe(1);
    proxy.restore();
    await other.close();
    await proxy.close();
  });

  it('count a request as sent also where the answer is a refusal, and not where no queue is bound', async () => {
    await amqp.respond({
      queue: QUEUE,
      schema: z.number(),
      handler: () => {
        throw new DeadMessage('wrong', 'it is refused');
      },
    }).ready;
    const request = (routingKey: string) =>
      amqp.request({ exchange: EXCHANGE, routingKey, type: 't', body: 1, schema: z.number() });
    await expect(request('work.a')).rejects.toThrow('it is refused');
    await expect(request('other')).rejects.toThrow('no queue is bound');
    expect(await sent(EXCHANGE)).toBe(1);
    expect(await sent(EXCHANGE, 'unroutable')).toBe(1);
    expect(await sent('signalbox.replies')).toBe(1);
  });

  it('count a request that is not done as refused, failed or expired', async () => {
    const failures: Record<string, () => never> = {
      refuse: () => {
        throw new RequestRefused('no', 'it is refused');
      },
      fail: () => {
        throw new Error('a bug');
      },
      lack: () => {
        throw new Unavailable('unavailable', 'it lacks something');
      },
      expire: () => {
        throw new ExpiredMessage();
      },
    };
    await amqp.respond({ queue: QUEUE, schema: z.string(), handler: ({ body }) => failures[body]?.() ?? 1 }).ready;
    const request = (body: unknown, timeoutMs = 5_000) =>
      amqp.request({ exchange: EXCHANGE, routingKey: 'work.a', type: 't', body, schema: z.number(), timeoutMs });
    expect(await request('do')).toBe(1);
    await expect(request('refuse')).rejects.toThrow('it is refused');
    await expect(request(5)).rejects.toThrow('invalid_type');
    await expect(request('fail')).rejects.toThrow('could not be handled');
    await expect(request('lack')).rejects.toThrow('it lacks something');
    await expect(request('expire', 100)).rejects.toMatchObject({ code: 'timeout' });
    await eventually(async () => (await processed(QUEUE, 'expired')) === 1);
    expect(await processed(QUEUE, 'failed')).toBe(2);
    expect(await processed(QUEUE, 'refused')).toBe(2);
    expect(await processed(QUEUE)).toBe(1);
  });

  it('count what is handled, and by what becomes of it what is not; dead letters by reason', async () => {
    await amqp.subscribe({
      queue: QUEUE,
      schema: z.enum(['good', 'bad']),
      handler: ({ body }) => {
        if (body === 'bad') throw new DeadMessage('bad-thing', 'it is bad');
      },
    }).ready;
    for (const body of ['good', 'bad', 'unknown']) await publish('work.a', body);
    await eventually(async () => (await sent(DEAD_EXCHANGE)) === 2);
    expect(await valueOf(`messaging_client_consumed_messages_total{messaging_destination_name="${QUEUE}"`)).toBe(3);
    expect(await processed(QUEUE)).toBe(1);
    expect(await processed(QUEUE, 'dead')).toBe(2);
    expect(await valueOf('signalbox_dead_letters_total{')).toBe(2);
    expect(await valueOf('signalbox_dead_letters_by_reason_total{reason="bad-thing"')).toBe(1);
    expect(await valueOf('signalbox_dead_letters_by_reason_total{reason="schema-refused"')).toBe(1);
  });

  it('count each message of a batch and time the batch, under the name of its queue without the id', async () => {
    const queue = `test.own.${ID}`;
    let handled = 0;
    await amqp.subscribeBatch({
      queue,
      declare: { exchanges: [], queues: [{ name: queue, durable: false, exclusive: true }], bindings: [] },
      maxBatch: 10,
      maxWaitMs: 60_000,
      handler: (batch) => void (handled += batch.length),
    }).ready;
    await Promise.all(
      Array.from({ length: 10 }, () => amqp.publisher.publish({ exchange: '', routingKey: queue, type: 't', body: 1 })),
    );
    await eventually(async () => (await processed('test.own')) === 1);
    expect(handled).toBe(10);
    expect(await valueOf('messaging_client_consumed_messages_total{messaging_destination_name="test.own"')).toBe(10);
    expect(await metrics.text()).not.toContain(ID);
  });
});
