import type { Amqp, AmqpStatus, SubscriptionOptions } from '@signalbox/messaging';
import type { Database } from '@signalbox/persistence';
import { collectLogs, FakeClock } from '@signalbox/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import { ConnectionChecks } from './connection-checks.js';

type Check = { nonce: string };

describe('ConnectionChecks', () => {
  let clock: FakeClock;
  let checks: ConnectionChecks;
  let status: AmqpStatus;
  let setStatus: (changed: Partial<AmqpStatus>) => void;
  /** The checks that were sent and have not come back. */
  let sent: Check[];
  let comeBack: (check: Check | undefined) => Promise<void>;
  let declareQueue: () => void;
  let logged: () => unknown[];

  beforeEach(() => {
    clock = new FakeClock();
    const logs = collectLogs();
    status = { up: true, sinceMs: 0, blocked: undefined };
    sent = [];
    let subscription: SubscriptionOptions<Check>;
    const amqp = {
      status: () => status,
      onStatus: (listener: (now: AmqpStatus) => void) => {
        setStatus = (changed) => {
          status = { ...status, ...changed };
          listener(status);
        };
        return () => undefined;
      },
      subscribe: (options: SubscriptionOptions<Check>) => {
        subscription = options;
        return { close: async () => undefined };
      },
      publisher: {
        publish: async ({ body }: { body: Check }) => {
          if (!status.up) throw new Error('no connection to the broker');
          sent.push(body);
        },
      },
    } as unknown as Amqp;
    const database = { status: () => ({ up: true, since: 0, answeredAtMs: clock.monotonic() }) } as unknown as Database;
    checks = new ConnectionChecks(amqp, database, clock, logs.logger);
    logged = () => logs.lines.map(({ level, msg }) => `${String(level)}: ${String(msg)}`);
    checks.onApplicationBootstrap();
    declareQueue = () => subscription.onActive?.();
    comeBack = async (check) => {
      void subscription.handler({ body: check! } as Parameters<typeof subscription.handler>[0]);
      await settle();
    };
  });

  const settle = () => new Promise((resolve) => setImmediate(resolve));
  const pass = async (ms: number): Promise<void> => {
    clock.advance(ms);
    await settle();
  };
  const broker = () => [checks.states.broker, checks.probes.messaging.result];

  it('take the broker as failed after 4 s without the message, until the next one comes back', async () => {
    await comeBack(sent.shift());
    expect(broker()).toEqual(['OK', 'passed']);
    await pass(5_000);
    await pass(4_000);
    expect(broker()).toEqual(['UNHEALTHY', 'failed']);
    await pass(1_000);
    await comeBack(sent.at(-1));
    expect(broker()).toEqual(['OK', 'passed']);
  });

  it('do not count a check that was lost with a connection once a later one has passed', async () => {
    const lost = sent.shift();
    await pass(1_000);
    setStatus({ sinceMs: 1 });
    await comeBack(sent.shift());
    await pass(3_000);
    expect(lost).toBeDefined();
    expect(broker()).toEqual(['OK', 'passed']);
  });

  it('know of a lost connection at once', async () => {
    await comeBack(sent.shift());
    setStatus({ up: false });
    await settle();
    expect(broker()).toEqual(['UNHEALTHY', 'failed']);
    setStatus({ up: true });
    await settle();
    await comeBack(sent.pop());
    expect(broker()).toEqual(['OK', 'passed']);
  });

  it('warn once that the broker does not answer, and not before their queue is there', async () => {
    await pass(5_000);
    expect(broker()).toEqual(['UNHEALTHY', 'failed']);
    expect(logged()).toEqual([]);
    declareQueue();
    await pass(10_000);
    await pass(5_000);
    expect(logged()).toEqual(['warn: message broker does not answer this gateway']);
    await comeBack(sent.at(-1));
    expect(broker()).toEqual(['OK', 'passed']);
  });

  it('show an alarm as blocked, and not as failed when it ends', async () => {
    await comeBack(sent.shift());
    setStatus({ blocked: 'low on memory' });
    await pass(5_000);
    await pass(5_000);
    expect(broker()).toEqual(['UNHEALTHY', 'blocked']);
    expect(checks.probes.messaging.detail).toBe('low on memory');
    setStatus({ blocked: undefined });
    expect(checks.probes.messaging.result).toBe('passed');
    await comeBack(sent.at(-1));
    expect(broker()).toEqual(['OK', 'passed']);
  });
});
