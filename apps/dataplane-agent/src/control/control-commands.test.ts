import {
  askedBy,
  dataplaneCommandTypes,
  type CancelCommand,
  type ShutdownCommand,
} from '@signalbox/contracts/messages';
import type { Delivery, Subscription, SubscriptionOptions } from '@signalbox/messaging';
import { systemClock } from '@signalbox/platform';
import { collectLogs } from '@signalbox/testing';
import { describe, expect, it } from 'vitest';
import type { EventPublisher } from '../broker/event-publisher.js';
import { ControlCommands } from './control-commands.js';

const shutdown = (inMs: number): ShutdownCommand => ({
  restart_id: 'restart-0123456789abcdef01234567',
  dataplane: 'main',
  boot_id: 'this incarnation',
  drain_seconds: 5,
  requested_at: Date.now(),
  expires_at: Date.now() + inMs,
  reason: null,
  by: askedBy.parse({ key_id: null, request_id: 'r', address: '::1' }),
});

/** Receives what it is given, beside a broker that does not confirm `acknowledged` while `blocked`. */
function consuming({ blocked }: { blocked: boolean }) {
  const published: string[] = [];
  const executed: string[] = [];
  const cancelled: string[] = [];
  let handler: SubscriptionOptions<unknown>['handler'] | undefined;
  let schema: SubscriptionOptions<unknown>['schema'] | undefined;
  const publish: EventPublisher['publish'] = async ({ step }, signal) => {
    if (blocked && step === 'acknowledged')
      await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)));
    published.push(step);
  };
  const subscribe = <T>(options: SubscriptionOptions<T>): Subscription => {
    ({ schema } = options);
    handler = options.handler as SubscriptionOptions<unknown>['handler'];
    return { ready: Promise.resolve(), active: true, close: async () => undefined } as Subscription;
  };
  void new ControlCommands({
    amqp: { subscribe },
    dataplane: 'main',
    bootId: 'this incarnation',
    events: { publish },
    interrupt: new AbortController().signal,
    clock: systemClock,
    logger: collectLogs().logger,
    onChange: () => undefined,
    onHealthRequest: () => undefined,
    onShutdown: ({ restart_id }) => executed.push(restart_id),
    onCancel: (id) => cancelled.push(id),
  });
  const receive = async (body: ShutdownCommand | CancelCommand): Promise<void> =>
    handler?.({ body } as Delivery<unknown>);
  /** Whether the subscription passes such a message to the handler; if not, it dead-letters the message. */
  const accepts = (type: string, body: unknown): boolean | undefined =>
    typeof schema === 'function' ? schema({ type })?.safeParse(body).success : schema?.safeParse(body).success;
  return { receive, accepts, published, executed, cancelled };
}

describe('ControlCommands', () => {
  it('executes a shutdown when the broker has confirmed its acknowledgement', async () => {
    const { receive, published, executed } = consuming({ blocked: false });
    await receive(shutdown(60_000));
    expect({ published, executed }).toEqual({
      published: ['acknowledged'],
      executed: ['restart-0123456789abcdef01234567'],
    });
  });

  it('does not execute what it could not acknowledge before it expired, and receives the next command', async () => {
    const { receive, published, executed } = consuming({ blocked: true });
    await receive(shutdown(50));
    expect({ published, executed }).toEqual({ published: ['expired'], executed: [] });
    await receive(shutdown(-1));
    expect(published).toEqual(['expired', 'expired']);
  });

  it('cancels the operation that a command names, without an event of its own', async () => {
    const { receive, published, cancelled } = consuming({ blocked: false });
    await receive({ operation_id: 'op-0123456789', dataplane: 'main' });
    expect({ published, cancelled }).toEqual({ published: [], cancelled: ['op-0123456789'] });
  });

  it('accepts its commands, and neither an invalid one nor one of an unknown type', () => {
    const { accepts } = consuming({ blocked: false });
    expect(accepts(dataplaneCommandTypes.shutdown, shutdown(60_000))).toBe(true);
    expect(accepts(dataplaneCommandTypes.healthRequest, { dataplane: 'main' })).toBe(true);
    expect(accepts(dataplaneCommandTypes.cancel, { operation_id: 'op-0123456789', dataplane: 'main' })).toBe(true);
    expect(accepts(dataplaneCommandTypes.cancel, { operation_id: 'op-1', dataplane: 'main' })).toBe(false);
    expect(accepts(dataplaneCommandTypes.shutdown, { ...shutdown(60_000), drain_seconds: -1 })).toBe(false);
    expect(accepts('dataplane.unknown', shutdown(60_000))).toBeUndefined();
  });
});
