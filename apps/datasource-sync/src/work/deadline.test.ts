import { getEventListeners } from 'node:events';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { Deadline } from './deadline.js';

afterEach(() => vi.useRealTimers());

describe('Deadline', () => {
  it('aborts when the time is up', () => {
    vi.useFakeTimers();
    const deadline = new Deadline(new AbortController().signal, 100);
    vi.advanceTimersByTime(99);
    expect([deadline.signal.aborted, deadline.isOver]).toEqual([false, false]);
    vi.advanceTimersByTime(1);
    expect([deadline.signal.aborted, deadline.isOver]).toEqual([true, true]);
  });

  it('aborts with the signal that it was given, before or after, and is not over then', () => {
    const outer = new AbortController();
    const before = new Deadline(outer.signal, 1_000);
    outer.abort(new Error('enough'));
    const after = new Deadline(outer.signal, 1_000);
    for (const deadline of [before, after]) {
      expect(deadline.signal.reason).toEqual(new Error('enough'));
      expect(deadline.isOver).toBe(false);
      deadline.end();
    }
  });

  it('leaves nothing at that signal when it has ended', () => {
    vi.useFakeTimers();
    const { signal } = new AbortController();
    new Deadline(signal, 1_000).end();
    expect([getEventListeners(signal, 'abort').length, vi.getTimerCount()]).toEqual([0, 0]);
  });
});
