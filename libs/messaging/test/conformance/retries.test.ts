import { eventually } from '@signalbox/testing';
import { describe, expect, it } from 'vitest';
import { DeadMessage, Unavailable } from '../../src/index.js';
import { DEAD_QUEUE, EXCHANGE, QUEUE } from '../support.js';
import { conformanceStage, retry, WAITING } from './stage.js';

describe('retries', () => {
  const { broker, deadLettered, open, send, subscribe } = conformanceStage();

  it('delivers a failed message again after its delay, unchanged and with the number of its tries', async () => {
    const amqp = await open();
    const seen: unknown[] = [];
    await subscribe(
      amqp,
      ({ tries, routingKey, messageId, body, headers }) => {
        seen.push([tries, routingKey, messageId, body.n, headers['traceparent']]);
        if (tries < 3) throw new Error('not yet');
      },
      { retry },
    );
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    await send(amqp, 5, { messageId: 'id', headers: { traceparent } });
    await eventually(() => seen.length === 3);
    expect(seen).toEqual([1, 2, 3].map((tries) => [tries, 'work.a', 'id', 5, traceparent]));
    await eventually(async () => (await broker.count(QUEUE)) === 0);
    expect(await broker.count(DEAD_QUEUE)).toBe(0);
  });

  it('dead-letters a message whose last try failed, with the number of tries', async () => {
    const amqp = await open();
    let tried = 0;
    await subscribe(
      amqp,
      () => {
        tried += 1;
        throw new Error('never');
      },
      { retry },
    );
    await send(amqp, 1);
    const [found] = await deadLettered(amqp, 1);
    expect(found?.headers).toMatchObject({
      'x-reason': 'handler-failed',
      'x-tries': 3,
      'x-source-queue': QUEUE,
      'x-source-exchange': EXCHANGE,
      'x-source-routing-key': 'work.a',
    });
    expect(tried).toBe(3);
  });

  it('does not count the tries in which a dependency of the handler was unavailable', async () => {
    const amqp = await open();
    const seen: number[] = [];
    await subscribe(
      amqp,
      ({ tries }) => {
        seen.push(tries);
        if (seen.length < 5) throw new Unavailable('storage_unavailable', 'the database is unavailable');
      },
      { retry },
    );
    await send(amqp, 1);
    await eventually(() => seen.length === 5);
    expect(seen).toEqual([1, 1, 1, 1, 1]);
    await eventually(async () => (await broker.count(QUEUE)) === 0);
    expect(await broker.count(DEAD_QUEUE)).toBe(0);
  });

  it('does not retry a message that cannot succeed', async () => {
    const amqp = await open();
    let tried = 0;
    await subscribe(
      amqp,
      () => {
        tried += 1;
        throw new DeadMessage('wrong', 'and will be');
      },
      { retry },
    );
    await send(amqp, 1);
    expect((await deadLettered(amqp, 1))[0]?.headers['x-tries']).toBe(1);
    expect(tried).toBe(1);
  });

  it('declares deleted queues of its retry path again', async () => {
    const amqp = await open();
    let tried = 0;
    let began = 0;
    await subscribe(
      amqp,
      () => {
        tried += 1;
        if (tried === 1) throw new Error('not yet');
      },
      { retry, onActive: () => (began += 1) },
    );
    await broker.deleteQueue(WAITING[0]!);
    await broker.deleteQueue(QUEUE);
    await eventually(() => began === 2);
    await send(amqp, 1);
    await eventually(() => tried === 2);
    expect(tried).toBe(2);
  });
});
