import { Metrics } from '@signalbox/platform';
import { collectLogs, FakeClock } from '@signalbox/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import { BrokerKeyMetrics } from './broker-keys.metrics.js';
import type { BrokerManagement } from './broker-management.js';
import { ConnectionCloser } from './connection-closer.js';

describe('ConnectionCloser', () => {
  let clock: FakeClock;
  let closer: ConnectionCloser;
  let metrics: Metrics;
  let logs: ReturnType<typeof collectLogs>;
  /** What the broker has. */
  let open: string[];
  /** Closed connections are gone with the next look only. */
  let closing: string[];
  let looks: number;
  let isDown: boolean;

  beforeEach(() => {
    clock = new FakeClock(0);
    logs = collectLogs();
    metrics = new Metrics({ service: 'test' });
    open = ['a', 'b'];
    closing = [];
    looks = 0;
    isDown = false;
    const management = {
      logIn: async () => ({
        connections: async () => {
          looks += 1;
          if (isDown) throw new Error('connect ECONNREFUSED');
          const names = open;
          open = open.filter((name) => !closing.includes(name));
          return { names, total: names.length };
        },
        close: async (names: string[]) => void closing.push(...names),
      }),
    } as unknown as BrokerManagement;
    closer = new ConnectionCloser(management, new BrokerKeyMetrics(metrics), clock, logs.logger);
  });

  const settle = async (): Promise<void> => {
    for (let i = 0; i < 5; i++) await new Promise((resolve) => setImmediate(resolve));
  };
  const pass = async (ms: number): Promise<void> => {
    for (let left = ms; left > 0; left -= 100) {
      clock.advance(100);
      await settle();
    }
  };
  const closed = async (): Promise<string | undefined> =>
    /connections_closed_total\{[^}]*ended[^}]*\} (\d+)/.exec(await metrics.text())?.[1];
  const messages = (): unknown[] => logs.lines.map(({ msg }) => msg);

  it('closes all until none is left, and counts each once', async () => {
    void closer.closeAll('key_1');
    await pass(1_000);
    expect(open).toEqual([]);
    expect(await closed()).toBe('2');
    expect(looks).toBe(3);
  });

  it('looks again for those that logged in by an answer which the broker still had', async () => {
    void closer.end('key_1');
    await pass(1_000);
    open = ['late'];
    await pass(1_500);
    expect(open).toEqual([]);
    expect(await closed()).toBe('3');
    await pass(5_000);
    const looked = looks;
    await pass(60_000);
    expect(looks).toBe(looked);
  });

  it('tries again until the broker answers, and says so once', async () => {
    isDown = true;
    void closer.closeAll('key_1');
    void closer.closeAll('key_2');
    await pass(30_000);
    expect(looks).toBeGreaterThan(4);
    expect(looks).toBeLessThan(30);
    expect(messages()).toHaveLength(1);
    isDown = false;
    await pass(31_000);
    expect(open).toEqual([]);
    expect(messages()).toContain('connections of keys that have ended can be closed again');
  });

  it('ends when the process stops', async () => {
    isDown = true;
    const ending = closer.end('key_1');
    await settle();
    closer.onModuleDestroy();
    await ending;
    const looked = looks;
    await pass(60_000);
    expect(looks).toBe(looked);
  });
});
