import { dataplaneCommandTypes, type ShutdownCommand } from '@signalbox/contracts/messages';
import type { Delivery, Subscription, SubscriptionOptions } from '@signalbox/messaging';
import { systemClock } from '@signalbox/platform';
import { collectLogs } from '@signalbox/testing';
import { describe, expect, it } from 'vitest';
import type { EventTeller } from '../broker/tell-events.js';
import { Control } from './control.js';

const shutdown = (inMs: number): ShutdownCommand => ({
  restart_id: 'restart-0123456789abcdef01234567',
  dataplane: 'main',
  boot_id: 'this life',
  drain_seconds: 5,
  requested_at: Date.now(),
  expires_at: Date.now() + inMs,
  reason: null,
  by: { key_id: null, request_id: 'r', address: '::1' },
});

/** A control that hears what it is given, beside a broker that takes no `acknowledged` while `blocked`. */
function listening({ blocked }: { blocked: boolean }) {
  const told: string[] = [];
  const obeyed: string[] = [];
  let handler: SubscriptionOptions<unknown>['handler'] | undefined;
  const tell: EventTeller['tell'] = async ({ step }, signal) => {
    if (blocked && step === 'acknowledged')
      await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)));
    told.push(step);
  };
  const subscribe = <T>(options: SubscriptionOptions<T>): Subscription => {
    handler = options.handler as SubscriptionOptions<unknown>['handler'];
    return { ready: Promise.resolve(), active: true, close: async () => undefined } as Subscription;
  };
  void new Control({
    amqp: { subscribe },
    dataplane: 'main',
    bootId: 'this life',
    events: { tell } as EventTeller,
    interrupt: new AbortController().signal,
    clock: systemClock,
    logger: collectLogs().logger,
    onChange: () => undefined,
    onHealthRequest: () => undefined,
    onShutdown: ({ restart_id }) => obeyed.push(restart_id),
  });
  const hear = async (body: ShutdownCommand): Promise<void> =>
    handler?.({ type: dataplaneCommandTypes.shutdown, body } as Delivery<unknown>);
  return { hear, told, obeyed };
}

describe('Control', () => {
  it('obeys when the broker has its word for it', async () => {
    const { hear, told, obeyed } = listening({ blocked: false });
    await hear(shutdown(60_000));
    expect({ told, obeyed }).toEqual({ told: ['acknowledged'], obeyed: ['restart-0123456789abcdef01234567'] });
  });

  it('does not obey what it could not acknowledge before it expired, and hears the next', async () => {
    const { hear, told, obeyed } = listening({ blocked: true });
    await hear(shutdown(50));
    expect({ told, obeyed }).toEqual({ told: ['expired'], obeyed: [] });
    await hear(shutdown(-1));
    expect(told).toEqual(['expired', 'expired']);
  });
});
