import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { systemClock } from './clock.js';
import { wait } from './wait.js';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

test('lasts as long as requested', async () => {
  const waiting = wait({ clock: systemClock, ms: 1_000 });
  await vi.advanceTimersByTimeAsync(999);
  expect(vi.getTimerCount()).toBe(1);
  await vi.advanceTimersByTimeAsync(1);
  await waiting;
  expect(vi.getTimerCount()).toBe(0);
});

test('ends at once when the signal is aborted, before the wait or during it, and leaves no timer', async () => {
  const stop = new AbortController();
  const waiting = wait({ clock: systemClock, ms: 60_000, signal: stop.signal });
  stop.abort();
  await waiting;
  await wait({ clock: systemClock, ms: 60_000, signal: stop.signal });
  expect(vi.getTimerCount()).toBe(0);
});
