import type { BatchSubscriptionOptions, RawDelivery } from '@signalbox/messaging';
import { FakeClock } from '@signalbox/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import { HeldHeartbeats } from './held-heartbeats.js';

const QUEUE = 'reader-heartbeat.held.7';

describe('HeldHeartbeats', () => {
  let clock: FakeClock;
  let held: HeldHeartbeats;
  /** Messages that wait in the queue; an error: it cannot be declared. */
  let waiting: number | Error;
  let handled: string[];
  let subscriptions: BatchSubscriptionOptions[];
  let closed: number;
  let isTaken: boolean;

  beforeEach(() => {
    clock = new FakeClock();
    waiting = 0;
    handled = [];
    subscriptions = [];
    closed = 0;
    const amqp = {
      declareOnce: async () => {
        if (waiting instanceof Error) throw waiting;
      },
      messageCount: async () => waiting,
      subscribeBatch: (options: BatchSubscriptionOptions) => {
        subscriptions.push(options);
        return { ready: Promise.resolve(), close: async () => void (closed += 1) };
      },
    };
    const handle = async (batch: readonly RawDelivery[]): Promise<void> =>
      void handled.push(...batch.map(({ routingKey }) => routingKey));
    held = new HeldHeartbeats({ partition: 7, handle, amqp: amqp as never, clock });
  });

  const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  const begun = async (): Promise<void> => {
    held.begin([]);
    isTaken = false;
    void held.taken?.then(() => (isTaken = true));
    await settled();
  };
  const deliver = async (...keys: string[]): Promise<void> => {
    await subscriptions.at(-1)!.handler(keys.map((routingKey) => ({ routingKey }) as RawDelivery));
    await settled();
  };

  it('has nothing to wait for where nothing was held, or nothing can be asked', async () => {
    await begun();
    expect([isTaken, subscriptions.map(({ queue }) => queue)]).toEqual([true, [QUEUE]]);
    waiting = new Error('no queue');
    await begun();
    expect([isTaken, subscriptions.length]).toEqual([true, 2]);
  });

  it('is taken when all that was held is handled, and still takes what comes late', async () => {
    waiting = 3;
    await begun();
    await deliver('a', 'b');
    expect(isTaken).toBe(false);
    await deliver('c');
    expect(isTaken).toBe(true);
    await deliver('late');
    expect(handled).toEqual(['a', 'b', 'c', 'late']);
  });

  it('begins with what this process has received and not handled', async () => {
    waiting = 1;
    held.begin([{ routingKey: 'left' } as RawDelivery]);
    await settled();
    await deliver('a');
    expect(handled).toEqual(['left', 'a']);
  });

  it('lets the others wait for a second at most', async () => {
    waiting = 1;
    await begun();
    clock.advance(999);
    await settled();
    expect(isTaken).toBe(false);
    clock.advance(1);
    await settled();
    expect(isTaken).toBe(true);
  });

  it('consumes only while the partition is owned', async () => {
    await begun();
    await held.end();
    expect([subscriptions.length, closed]).toEqual([1, 1]);
    held.begin([]);
    await held.end();
    await settled();
    expect([subscriptions.length, closed]).toEqual([1, 1]);
  });
});
