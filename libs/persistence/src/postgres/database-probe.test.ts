import { createLogger, systemClock } from '@signalbox/platform';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { DatabaseProbe } from './database-probe.js';

beforeEach(() => vi.useFakeTimers({ now: 1_000_000 }));
afterEach(() => vi.useRealTimers());

test('calls a database that does not answer down after the timeout, and up with its next answer', async () => {
  const ping = vi.fn<() => Promise<never[]>>().mockResolvedValue([]);
  const close = vi.fn<() => Promise<void>>().mockResolvedValue();
  const probe = new DatabaseProbe({
    connection: { query: ping, close },
    clock: systemClock,
    logger: createLogger({ name: 'test', level: 'silent' }),
  });
  const startedAtMs = systemClock.monotonic();
  expect(probe.current()).toEqual({ up: true, since: 1_000_000, answeredAtMs: startedAtMs });

  ping.mockReturnValueOnce(new Promise(() => undefined));
  await vi.advanceTimersByTimeAsync(7_999);
  expect(probe.current()).toEqual({ up: true, since: 1_000_000, answeredAtMs: startedAtMs });
  await vi.advanceTimersByTimeAsync(1);
  expect(probe.current()).toEqual({ up: false, since: 1_008_000, answeredAtMs: startedAtMs });

  await vi.advanceTimersByTimeAsync(5_000);
  expect(probe.current()).toEqual({ up: true, since: 1_013_000, answeredAtMs: startedAtMs + 13_000, roundTripMs: 0 });
  expect(ping).toHaveBeenCalledTimes(2);

  probe.stop();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(ping).toHaveBeenCalledTimes(2);
  expect(close).toHaveBeenCalledTimes(1);
  expect(vi.getTimerCount()).toBe(0);
});
