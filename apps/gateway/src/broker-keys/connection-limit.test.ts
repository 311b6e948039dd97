import { Metrics } from '@signalbox/platform';
import { collectLogs, FakeClock } from '@signalbox/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Config } from '../config.js';
import { BrokerKeyMetrics } from './broker-keys.metrics.js';
import type { BrokerManagement } from './broker-management.js';
import { ConnectionLimit } from './connection-limit.js';

const KEY = 'key_1';

describe('ConnectionLimit', () => {
  let clock: FakeClock;
  let limit: ConnectionLimit;
  let open: string[];
  let counts: number;
  let isDown: boolean;
  let isKnown: boolean;

  beforeEach(() => {
    clock = new FakeClock(0);
    [open, counts, isDown, isKnown] = [[], 0, false, true];
    const management = {
      get isKnown() {
        return isKnown;
      },
      logIn: async () => {
        counts += 1;
        if (isDown) throw new Error('connect ECONNREFUSED');
        return {
          connections: async () => ({ names: open, total: open.length }),
          close: async (names: string[]) => void (open = open.filter((name) => !names.includes(name))),
        };
      },
    } as unknown as BrokerManagement;
    limit = new ConnectionLimit(
      management,
      new BrokerKeyMetrics(new Metrics({ service: 'test' })),
      { SIGNALBOX_BROKER_CONNECTIONS_PER_KEY: 2 } as Config,
      clock,
      collectLogs().logger,
    );
  });

  /** Logs in, if it may. */
  const logIn = (name: string): boolean => {
    const admitted = limit.admit(KEY);
    if (admitted) open.push(name);
    return admitted;
  };
  const count = async (): Promise<void> => {
    clock.advance(1_200);
    for (let i = 0; i < 5; i++) await new Promise((resolve) => setImmediate(resolve));
  };

  it('closes the newest beyond the limit, and admits another one when one is gone', async () => {
    logIn('m');
    await count();
    for (const name of ['z', 'a', 'b']) logIn(name);
    await count();
    expect(open).toEqual(['m', 'a']);
    expect(logIn('c')).toBe(false);
    open = ['m'];
    await count();
    expect(logIn('c')).toBe(true);
  });

  it('counts a key once for all logins of a second, and not at all without a login', async () => {
    for (let i = 0; i < 50; i++) limit.admit(KEY);
    await count();
    expect(counts).toBe(1);
    await count();
    expect(counts).toBe(1);
  });

  it('admits a key whose connections cannot be counted', async () => {
    logIn('a');
    logIn('b');
    await count();
    expect(limit.admit(KEY)).toBe(false);
    isDown = true;
    await count();
    expect(limit.admit(KEY)).toBe(true);
  });

  it('bounds nothing where the management API is not known', async () => {
    isKnown = false;
    for (let i = 0; i < 50; i++) expect(limit.admit(KEY)).toBe(true);
    await count();
    expect(counts).toBe(0);
  });
});
