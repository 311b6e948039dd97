import { eventually } from '@signalbox/testing';
import { describe, expect, it } from 'vitest';
import { QUEUE } from '../support.js';
import { conformanceStage } from './stage.js';

describe('publishing', () => {
  const { broker, cut, open, send, subscribe } = conformanceStage();

  it('resolves when the message is in its queue', async () => {
    const amqp = await open();
    await send(amqp, 1);
    expect(await broker.count(QUEUE)).toBe(1);
  });

  it('fails where no queue takes a mandatory message, and not where it is not mandatory', async () => {
    const amqp = await open();
    await expect(send(amqp, 1, { routingKey: 'elsewhere' })).rejects.toMatchObject({ code: 'unroutable' });
    await expect(send(amqp, 1, { routingKey: 'elsewhere', mandatory: false })).resolves.toBeUndefined();
  });

  it('keeps the order', async () => {
    const amqp = await open();
    const seen: number[] = [];
    await subscribe(amqp, ({ body }) => void seen.push(body.n));
    await Promise.all(Array.from({ length: 300 }, (_, n) => send(amqp, n)));
    await eventually(() => seen.length === 300);
    expect(seen).toEqual(Array.from({ length: 300 }, (_, n) => n));
  });

  it('fails at once without a connection, and works again when there is one', async () => {
    const amqp = await open();
    const outcomes: Promise<unknown>[] = [];
    amqp.onStatus(({ up }) =>
      outcomes.push(
        send(amqp, 1).then(
          () => up,
          (error: unknown) => [up, error],
        ),
      ),
    );
    await cut(amqp);
    await eventually(() => amqp.status().up);
    expect(await outcomes[0]).toMatchObject([false, { code: 'disconnected' }]);
    expect(await outcomes.at(-1)).toBe(true);
  });

  it('drops a message that is older than its expiration', async () => {
    const amqp = await open();
    await send(amqp, 1, { expirationMs: 20 });
    await eventually(async () => (await broker.count(QUEUE)) === 0);
    expect(await broker.count(QUEUE)).toBe(0);
  });
});
