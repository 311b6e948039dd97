import { afterEach, beforeEach, expect, it, vi } from 'vitest';

import { ExpiringQueue } from './expiring-queue.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it('expires each item after its own time, and none that was taken out', () => {
  const expired: string[] = [];
  const queue = new ExpiringQueue<string>(100, (item) => expired.push(item));
  queue.add('a');
  queue.add('b');
  vi.advanceTimersByTime(60);
  queue.add('c');
  expect(queue.delete('b')).toBe(true);
  vi.advanceTimersByTime(50);
  expect(expired).toEqual(['a']);
  expect(queue.delete('a')).toBe(false);
  vi.advanceTimersByTime(60);
  expect(expired).toEqual(['a', 'c']);
  expect(queue.size).toBe(0);
});

it('starts again after it was empty, and gives out the oldest first', () => {
  const expired: string[] = [];
  const queue = new ExpiringQueue<string>(100, (item) => expired.push(item));
  queue.add('a');
  vi.advanceTimersByTime(1_000);
  queue.add('b');
  queue.add('c');
  expect(queue.shift()).toBe('b');
  vi.advanceTimersByTime(100);
  expect(expired).toEqual(['a', 'c']);
});
