import { eventually } from '@signalbox/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';

import type { Amqp, Topology } from '../src/index.js';
import { Bench, EXCHANGE, QUEUE, topology } from './support.js';

describe('recovery', () => {
  let bench: Bench;
  beforeEach(async () => {
    bench = await Bench.start();
  });
  afterEach(() => bench.stop());

  const publish = (amqp: Amqp, n: number): Promise<void> =>
    amqp.publisher.publish({ exchange: EXCHANGE, routingKey: 'work.n', type: 'n', body: n });

  it('comes back with everything after the broker closed the connections', async () => {
    const amqp = await bench.open();
    const seen = new Set<number>();
    const phases: string[] = [];
    const ups: boolean[] = [];
    amqp.onStatus(({ up }) => ups.push(up));
    const declare = {
      exchanges: [],
      queues: [{ name: 'test.mine', durable: false, exclusive: true }],
      bindings: [{ exchange: EXCHANGE, queue: 'test.mine', key: 'work.#' }],
    };
    await amqp.subscribe({
      queue: 'test.mine',
      declare,
      schema: z.int(),
      handler: ({ body }) => void seen.add(body),
      onActive: () => phases.push('active'),
      onInactive: () => phases.push('inactive'),
    }).ready;
    await publish(amqp, 1);
    const outcomes = new Set<unknown>();
    const pending: Promise<unknown>[] = [];
    const send = () =>
      publish(amqp, 2).then(
        () => outcomes.add(undefined),
        (error: { code: string }) => outcomes.add(error.code),
      );
    const flood = setInterval(() => pending.push(send()), 1);
    // The first connection that is lost may be the one that consumes.
    await eventually(async () => {
      await bench.cut(amqp);
      return outcomes.has('disconnected');
    });
    clearInterval(flood);
    await Promise.all(pending);
    expect(outcomes).toEqual(new Set([undefined, 'disconnected']));
    await eventually(() => amqp.status().up && ups.at(-1) === true);
    await eventually(async () => {
      await publish(amqp, 3);
      return seen.has(3);
    });
    expect(phases.slice(0, 3)).toEqual(['active', 'inactive', 'active']);
    const lines = bench.lines.map(({ level, msg }) => `${String(level)}: ${String(msg)}`);
    // An outage is logged once for each kind of reason, and here there are two: closed by the broker, and unreachable.
    expect(lines.filter((line) => line.startsWith('warn')).length).toBeLessThanOrEqual(
      2 * ups.filter((up) => !up).length,
    );
    expect(lines.filter((line) => line === 'info: connected to the broker')).toHaveLength(
      1 + ups.filter(Boolean).length,
    );
    expect(JSON.stringify(bench.lines)).not.toContain(new URL(bench.broker.url).password + '@');
  });

  it('declares a forgotten topology again', async () => {
    const amqp = await bench.open();
    await bench.channel.deleteQueue(QUEUE);
    await bench.channel.deleteExchange(EXCHANGE);
    await bench.cut(amqp);
    await eventually(() => amqp.status().up);
    await expect(
      amqp.publisher.publish({ exchange: EXCHANGE, routingKey: 'work.n', type: 'n', body: 1, mandatory: true }),
    ).resolves.toBeUndefined();
  });

  it('takes back what it declared later, and does not declare it on later connections', async () => {
    const amqp = await bench.open();
    const later: Topology = {
      exchanges: [],
      queues: [{ name: 'test.later', durable: true }],
      bindings: [
        { exchange: EXCHANGE, queue: 'test.later', key: 'later' },
        { exchange: EXCHANGE, queue: QUEUE, key: 'later' },
      ],
    };
    const publishLater = () =>
      amqp.publisher.publish({ exchange: EXCHANGE, routingKey: 'later', type: 'n', body: 1, mandatory: true });
    await amqp.declare(later);
    await publishLater();
    expect([await bench.count('test.later'), await bench.count(QUEUE)]).toEqual([1, 1]);
    amqp.forget(later);
    // Twice: what is not there is no error.
    for (const _ of [1, 2]) await amqp.undeclare(later, ['test.later']);
    for (const _ of ['at once', 'on a later connection']) {
      await expect(publishLater()).rejects.toMatchObject({ code: 'unroutable' });
      await bench.cut(amqp);
      await eventually(() => amqp.status().up);
    }
    expect(await bench.broker.messageCount(QUEUE)).toBe(1);
    expect(await bench.broker.queues()).not.toContain('test.later');
  });

  it('binds the exclusive queue of a subscription later, until the queue is lost', async () => {
    const amqp = await bench.open();
    const seen: number[] = [];
    const queue = 'test.exclusive';
    const declare = { exchanges: [], queues: [{ name: queue, durable: false, exclusive: true }], bindings: [] };
    const handler = ({ body }: { body: number }): void => void seen.push(body);
    const subscription = amqp.subscribe({ queue, declare, schema: z.int(), handler });
    await subscription.ready;
    const publishLater = (body: number) =>
      amqp.publisher.publish({ exchange: EXCHANGE, routingKey: 'later', type: 'n', body, mandatory: true });
    const binding = { exchange: EXCHANGE, queue, key: 'later' };
    await amqp.bind(binding);
    await publishLater(1);
    await eventually(() => seen.length === 1);
    for (const _ of ['there', 'not there']) await amqp.unbind(binding);
    await expect(publishLater(2)).rejects.toMatchObject({ code: 'unroutable' });

    await amqp.bind(binding);
    await bench.cut(amqp);
    await eventually(() => amqp.status().up && subscription.active);
    await expect(publishLater(3)).rejects.toMatchObject({ code: 'unroutable' });
    await amqp.bind(binding);
    await publishLater(4);
    await eventually(() => seen.length === 2);
    expect(seen).toEqual([1, 4]);
  });

  it('goes on consuming where a later binding is refused', async () => {
    const amqp = await bench.open();
    const seen: number[] = [];
    let starts = 0;
    const handler = ({ body }: { body: number }): void => void seen.push(body);
    await amqp.subscribe({ queue: QUEUE, schema: z.int(), handler, onActive: () => starts++ }).ready;
    await expect(amqp.bind({ exchange: 'test.missing', queue: QUEUE, key: 'k' })).rejects.toThrow('NOT_FOUND');
    await publish(amqp, 1);
    await eventually(() => seen.length === 1);
    expect(starts).toBe(1);
  });

  it('makes a queue again that was deleted under its consumer, on the same connection', async () => {
    const amqp = await bench.open();
    const seen: number[] = [];
    let starts = 0;
    const handler = ({ body }: { body: number }): void => void seen.push(body);
    await amqp.subscribe({ queue: QUEUE, schema: z.int(), handler, onActive: () => starts++ }).ready;
    const { sinceMs } = amqp.status();
    for (let round = 1; round <= 3; round++) {
      await bench.channel.deleteQueue(QUEUE);
      await eventually(() => starts === round + 1);
      await publish(amqp, round);
      await eventually(() => seen.includes(round));
    }
    expect(amqp.status()).toMatchObject({ up: true, sinceMs });
  });

  it('waits for a queue that cannot be consumed yet, without harm to others', async () => {
    const amqp = await bench.open();
    const other = amqp.subscribe({ queue: QUEUE, schema: z.int(), handler: () => undefined });
    const early = amqp.subscribe({ queue: 'test.late', schema: z.int(), handler: () => undefined });
    await other.ready;
    await eventually(() => bench.lines.filter(({ msg }) => String(msg).startsWith('channel lost')).length > 2);
    expect(early.active).toBe(false);
    expect(
      bench.lines.filter(({ level, msg }) => level === 'warn' && String(msg).startsWith('channel lost')),
    ).toHaveLength(1);
    await bench.channel.assertQueue('test.late');
    await early.ready;
    expect(other.active).toBe(true);
  });

  it('waits without a warning for a queue that another process declares', async () => {
    const amqp = await bench.open();
    const awaited = amqp.subscribe({
      queue: 'test.awaited',
      awaitsQueue: true,
      schema: z.int(),
      handler: () => undefined,
    });
    const lines = () => bench.lines.filter(({ channel }) => channel === 'test.awaited').map(({ level }) => level);
    await eventually(() => lines().length > 2);
    expect(lines().slice(0, 2)).toEqual(['info', 'debug']);
    await bench.channel.assertQueue('test.awaited');
    await awaited.ready;
    // The queue that was there and is deleted is a loss.
    await bench.channel.deleteQueue('test.awaited');
    await eventually(() => lines().includes('warn'));
  });

  it('keeps trying while the broker refuses, in few lines, and names the reason', async () => {
    await bench.channel.assertQueue(QUEUE, { arguments: { 'x-max-length': 3 } });
    const amqp = bench.make();
    const opened = amqp.open();
    await eventually(() => bench.lines.filter(({ level }) => level === 'debug').length > 3);
    expect(amqp.status().up).toBe(false);
    const warnings = bench.lines.filter(({ level }) => level === 'warn');
    expect(warnings).toHaveLength(1);
    expect(warnings[0]?.['reason']).toContain('x-max-length');
    await bench.channel.deleteQueue(QUEUE);
    await opened;
    expect(amqp.status().up).toBe(true);
  });

  it('can be closed while it cannot connect', async () => {
    const amqp = bench.make({ url: 'amqp://user:hunter2@127.0.0.1:1/none' });
    const opened = amqp.open();
    await eventually(() => bench.lines.some(({ msg }) => String(msg).startsWith('the broker is unavailable')));
    await amqp.close();
    await expect(opened).rejects.toThrow('closed before');
    expect(JSON.stringify(bench.lines)).not.toContain('hunter2');
  });

  it('says what is wrong with a URL without quoting it', () => {
    for (const url of ['http://user:hunter2@host/', 'user:hunter2@host', 'amqp://user:hunter2@ho st/']) {
      expect(() => bench.make({ url, topology })).toThrow(
        expect.not.objectContaining({ message: expect.stringContaining('hunter2') as string }) as Error,
      );
    }
  });
});
