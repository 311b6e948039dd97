import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { systemClock as clock } from './clock.js';
import { every } from './every.js';

const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

describe('every', () => {
  let begin: number;
  let startedAt: number[];
  const note = () => void startedAt.push(clock.monotonic() - begin);

  beforeEach(() => {
    vi.useFakeTimers();
    begin = clock.monotonic();
    startedAt = [];
  });
  afterEach(() => vi.useRealTimers());

  it('runs at each interval until it is stopped, and leaves no timer', async () => {
    const stop = every({ clock, ms: 10 }, note);
    await pass(35);
    stop();
    expect(startedAt).toEqual([10, 20, 30]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('runs at once where that is requested', async () => {
    every({ clock, ms: 10, atOnce: true }, note);
    await pass(10);
    expect(startedAt).toEqual([0, 10]);
  });

  it('can be stopped by its own run', async () => {
    const stop = every({ clock, ms: 10 }, () => {
      note();
      stop();
    });
    await pass(100);
    expect(startedAt).toEqual([10]);
  });

  describe('with runs that take a while', () => {
    let finish: () => void;
    const work = () => {
      note();
      return new Promise<void>((resolve) => (finish = resolve));
    };

    it('counts the interval from the end of a run, and never starts a second one beside it', async () => {
      every({ clock, ms: 10 }, work);
      await pass(50);
      expect(startedAt).toEqual([10]);
      finish();
      await pass(9);
      expect(startedAt).toEqual([10]);
      await pass(1);
      expect(startedAt).toEqual([10, 60]);
    });

    it('starts no further run when it is stopped during one', async () => {
      const stop = every({ clock, ms: 10 }, work);
      await pass(10);
      stop();
      finish();
      await pass(100);
      expect(startedAt).toEqual([10]);
    });
  });
});
