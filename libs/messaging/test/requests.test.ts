import { eventually } from '@signalbox/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';

import { ExpiredMessage, RequestRefused, type Amqp, type ResponderOptions } from '../src/index.js';
import { Bench, gate, topology } from './support.js';

const REQUESTS = 'test.requests';
const SERVICE = 'test.service';
const question = z.object({ n: z.int() });
const answer = z.object({ square: z.int() });

describe('request and reply', () => {
  let bench: Bench;
  let asker: Amqp;
  let owner: Amqp;
  beforeEach(async () => {
    bench = await Bench.start();
    const withRequests = {
      ...topology,
      exchanges: [...topology.exchanges, { name: REQUESTS, type: 'direct' as const }],
    };
    asker = await bench.open({ name: 'asker', topology: withRequests });
    owner = await bench.open({ name: 'owner', topology: withRequests });
  });
  afterEach(() => bench.stop());

  type Handler = ResponderOptions<{ n: number }, unknown>['handler'];
  const serve = (handler: Handler): Promise<void> =>
    owner.respond({
      queue: SERVICE,
      declare: {
        exchanges: [],
        queues: [{ name: SERVICE, durable: false, exclusive: true }],
        bindings: [{ exchange: REQUESTS, queue: SERVICE, key: 'square' }],
      },
      schema: question,
      handler,
    }).ready;
  const ask = (body: unknown, timeoutMs = 20_000, repeatForMs?: number): Promise<{ square: number }> =>
    asker.request({
      exchange: REQUESTS,
      routingKey: 'square',
      type: 'square',
      body,
      schema: answer,
      timeoutMs,
      ...(repeatForMs !== undefined && { repeatForMs }),
    });

  it('answers many at once, each with its own answer', async () => {
    await serve(({ body: { n } }) => ({ square: n * n }));
    const answers = await Promise.all(Array.from({ length: 200 }, (_, n) => ask({ n })));
    expect(answers).toEqual(Array.from({ length: 200 }, (_, n) => ({ square: n * n })));
  });

  it('passes a refusal on with its code, and no other error with its text', async () => {
    await serve(({ body: { n } }) => {
      throw n === 1 ? new RequestRefused('too_small', 'n is too small') : new Error('password=hunter2');
    });
    await expect(ask({ n: 1 })).rejects.toMatchObject({
      code: 'refused',
      remoteCode: 'too_small',
      message: 'n is too small',
    });
    await expect(ask({ n: 2 })).rejects.toMatchObject({
      code: 'refused',
      remoteCode: 'internal',
      message: 'the request could not be handled',
    });
    await expect(ask({ n: 'x' })).rejects.toMatchObject({
      code: 'refused',
      remoteCode: 'invalid_request',
      message: 'n: invalid_type',
    });
  });

  it('rejects an answer that is not what it should be', async () => {
    await serve(() => ({ cube: 1 }));
    await expect(ask({ n: 1 })).rejects.toMatchObject({ code: 'undecodable' });
  });

  it('gives up after its time, and a request whose time has passed is not worked on', async () => {
    const letGo = gate();
    const handled: number[] = [];
    await owner.respond({
      queue: SERVICE,
      declare: {
        exchanges: [],
        queues: [{ name: SERVICE, durable: false, exclusive: true }],
        bindings: [{ exchange: REQUESTS, queue: SERVICE, key: 'square' }],
      },
      schema: question,
      prefetch: 1,
      handler: async ({ body: { n } }) => {
        handled.push(n);
        await letGo.passed;
        return { square: n * n };
      },
    }).ready;
    const first = ask({ n: 1 });
    await eventually(() => handled.length === 1);
    await expect(ask({ n: 2 }, 100)).rejects.toMatchObject({ code: 'timeout' });
    letGo.open();
    expect(await first).toEqual({ square: 1 });
    expect(await ask({ n: 3 })).toEqual({ square: 9 });
    expect(handled).toEqual([1, 3]);
  });

  it('logs that it dropped a request whose deadline passed before it could be executed', async () => {
    await serve(() => {
      throw new ExpiredMessage();
    });
    await expect(ask({ n: 1 }, 500)).rejects.toMatchObject({ code: 'timeout' });
    expect(bench.lines.filter(({ queue, count }) => queue === SERVICE && count === 1)).toMatchObject([
      { level: 'warn', msg: 'requests dropped, their deadline had passed' },
    ]);
  });

  it('answers a repeated request with the late reply to an earlier attempt', async () => {
    const slow = gate();
    const later = gate();
    const attempts: (string | undefined)[] = [];
    await serve(async ({ body: { n }, messageId }) => {
      attempts.push(messageId);
      await (attempts.length === 1 ? slow : later).passed;
      return { square: n * n };
    });
    const asked = ask({ n: 3 }, 100, 20_000);
    await eventually(() => attempts.length > 1);
    slow.open();
    expect(await asked).toEqual({ square: 9 });
    expect(new Set(attempts).size).toBe(1);
    later.open();
  });

  it('drops the late error reply to an earlier attempt while a later one is executed', async () => {
    const slow = gate();
    const later = gate();
    let attempts = 0;
    let refused = false;
    await serve(async ({ body: { n } }) => {
      attempts += 1;
      if (attempts > 1) {
        await later.passed;
        return { square: n * n };
      }
      await slow.passed;
      refused = true;
      throw new RequestRefused('too_late', 'the first attempt came to nothing');
    });
    const asked = ask({ n: 3 }, 100, 20_000);
    const outcome = asked.catch((error: unknown) => error);
    await eventually(() => attempts > 1);
    slow.open();
    await eventually(() => refused);
    // Replies leave in order: this one comes after the error.
    const other = asker.request({
      exchange: REQUESTS,
      routingKey: 'square',
      type: 'square',
      body: 'not a question',
      schema: answer,
    });
    await expect(other).rejects.toMatchObject({ code: 'refused' });
    later.open();
    expect(await outcome).toEqual({ square: 9 });
  });

  it('fails at once without a connection', async () => {
    const request = { exchange: REQUESTS, routingKey: 'square', type: 'square', body: {}, schema: answer };
    await expect(bench.make().request(request)).rejects.toMatchObject({ code: 'unsent' });
  });
});
