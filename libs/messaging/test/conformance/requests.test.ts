import { eventually } from '@signalbox/testing';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { RequestRefused, TryAgain, type Amqp } from '../../src/index.js';
import { gate, QUEUE } from '../support.js';
import { conformanceStage, item } from './stage.js';

describe('requests', () => {
  const { broker, open } = conformanceStage();

  const ask = (amqp: Amqp, more: object = {}) =>
    amqp.request({ exchange: '', routingKey: QUEUE, type: 'ask', body: { n: 2 }, schema: z.unknown(), ...more });
  const answer = async (amqp: Amqp, handler: (n: number) => unknown) => {
    const subscription = amqp.respond({ queue: QUEUE, schema: item, handler: ({ body }) => handler(body.n) });
    await subscription.ready;
    return subscription;
  };

  it('returns the reply', async () => {
    const amqp = await open();
    await answer(amqp, (n) => n * 2);
    expect(await Promise.all(Array.from({ length: 20 }, () => ask(amqp)))).toEqual(Array.from({ length: 20 }, () => 4));
  });

  it('reports a refusal, a failure and an unroutable request by their codes', async () => {
    const amqp = await open();
    await answer(amqp, (n) => {
      if (n === 2) throw new RequestRefused('no', 'not two');
      throw new Error('inside');
    });
    await expect(ask(amqp)).rejects.toMatchObject({ code: 'refused', remoteCode: 'no', message: 'not two' });
    await expect(ask(amqp, { body: { n: 3 } })).rejects.toMatchObject({ code: 'refused', remoteCode: 'internal' });
    await expect(ask(amqp, { body: { n: 'x' } })).rejects.toMatchObject({
      code: 'refused',
      remoteCode: 'invalid_request',
    });
    await expect(ask(amqp, { routingKey: 'unbound' })).rejects.toMatchObject({ code: 'unroutable' });
  });

  it('rejects after the timeout, and ignores a late reply', async () => {
    const amqp = await open();
    const held = gate();
    await answer(amqp, async () => {
      await held.passed;
      return 'late';
    });
    await expect(ask(amqp, { timeoutMs: 50 })).rejects.toMatchObject({ code: 'timeout', maybeDone: true });
    held.open();
    expect(await ask(amqp)).toBe('late');
  });

  it('does not execute a request after its deadline', async () => {
    const amqp = await open();
    let worked = 0;
    const deadline = Date.now() + 30;
    await expect(ask(amqp, { timeoutMs: 30 })).rejects.toMatchObject({ code: 'timeout' });
    // A timer may fire a millisecond before the clock shows it.
    await eventually(() => Date.now() > deadline + 5);
    await answer(amqp, () => (worked += 1));
    expect(await ask(amqp)).toBe(1);
  });

  it('rejects pending requests at once when the connection is lost', async () => {
    const amqp = await open();
    const held = gate();
    let asked = 0;
    await answer(amqp, async () => {
      asked += 1;
      await held.passed;
    });
    const outcome = ask(amqp, { timeoutMs: 60_000 }).catch((error: unknown) => error);
    await eventually(() => asked === 1);
    await broker.closeAllConnections();
    expect(await outcome).toMatchObject({ code: 'disconnected', maybeDone: true });
    held.open();
  });

  it('repeats a request with the same id across lost connections until it is answered', async () => {
    const amqp = await open();
    const ids: unknown[] = [];
    const first = gate();
    const responder = amqp.respond({
      queue: QUEUE,
      schema: item,
      handler: async ({ messageId }) => {
        ids.push(messageId);
        if (ids.length === 1) await first.passed;
        return ids.length;
      },
    });
    await responder.ready;
    const outcome = ask(amqp, { messageId: 'same', repeatForMs: 60_000 });
    await eventually(() => ids.length === 1);
    await broker.closeAllConnections();
    first.open();
    expect(await outcome).toBeGreaterThan(1);
    expect(new Set(ids)).toEqual(new Set(['same']));
  });

  it('reports an unknown outcome although the last attempt was not sent', async () => {
    const amqp = await open();
    const responder = await answer(amqp, () => new Promise(() => undefined));
    const outcome = ask(amqp, { timeoutMs: 100, repeatForMs: 1_500 }).catch((error: unknown) => error);
    await eventually(async () => ((await broker.count(QUEUE)) ?? 0) > 0);
    void responder;
    expect(await outcome).toMatchObject({ maybeDone: true });
    // Its handler never ends, and close() would wait for it.
    await amqp.close(100).catch(() => undefined);
  });

  it('returns a request of unknown outcome to its queue, and replies after the next try', async () => {
    const amqp = await open();
    let tried = 0;
    await answer(amqp, () => {
      tried += 1;
      if (tried === 1) throw new TryAgain('COMMIT without an answer');
      return 'done';
    });
    expect(await ask(amqp)).toBe('done');
    expect(tried).toBe(2);
  });
});
