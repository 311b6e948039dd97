import { collectLogs } from '@signalbox/testing';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { ExpiredRequests } from './expired-requests.js';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

test('logs expired requests with their count, once in ten seconds', () => {
  const { logger, lines } = collectLogs();
  const expired = new ExpiredRequests('things.requests', logger);
  const counts = (): unknown[] => lines.map(({ count }) => count);
  for (let n = 0; n < 5; n += 1) expired.add();
  expect(counts()).toEqual([1]);
  vi.advanceTimersByTime(10_000);
  expect(counts()).toEqual([1, 4]);
  expired.add();
  expect(counts()).toEqual([1, 4]);
  vi.advanceTimersByTime(10_000);
  expect(counts()).toEqual([1, 4, 1]);
  vi.advanceTimersByTime(60_000);
  expect(vi.getTimerCount()).toBe(0);
  expired.add();
  expect(counts()).toEqual([1, 4, 1, 1]);
  expect(lines[0]).toMatchObject({ level: 'warn', queue: 'things.requests' });
});
