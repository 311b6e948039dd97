import { createLogger } from '@signalbox/platform';
import { FakeClock } from '@signalbox/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Transition } from '../liveness/transition.js';
import { HistoryBounds } from './history-bounds.js';

const steps = (readerId: string, count = 1): Transition[] =>
  Array.from({ length: count }, () => ({ readerId }) as Transition);

describe('HistoryBounds', () => {
  let clock: FakeClock;
  let bounds: HistoryBounds;
  let bounded: (readonly string[])[];
  let old: number;
  let deletions: number[];
  let ages: number[];
  let fails: boolean;
  const settle = () => new Promise((resolve) => setImmediate(resolve));
  const pass = async (ms: number) => {
    clock.advance(ms);
    await settle();
  };

  beforeEach(() => {
    clock = new FakeClock();
    bounded = [];
    deletions = [];
    ages = [];
    old = 0;
    fails = false;
    bounds = new HistoryBounds({
      entries: 100,
      days: 30,
      repository: {
        deleteSurplus: async (ids) => {
          if (fails) throw new Error('unavailable');
          bounded.push(ids);
        },
        cutoff: async (before) => before,
        deleteUntil: async (time, most) => {
          const deleted = Math.min(old, most);
          old -= deleted;
          deletions.push(deleted);
          ages.push((clock.now() - time.getTime()) / 86_400_000);
          return deleted;
        },
      },
      clock,
      logger: createLogger({ name: 'test', level: 'silent' }),
    });
    bounds.start();
  });

  it('bounds the readers that have new steps, every ten seconds, in statements of 500', async () => {
    for (let reader = 0; reader < 1_200; reader++) bounds.noteWritten(steps(`r${reader}`));
    expect(bounded).toEqual([]);
    await pass(10_000);
    expect(bounded.map((ids) => ids.length)).toEqual([500, 500, 200]);
    await pass(10_000);
    expect(bounded).toHaveLength(3);
  });

  it('bounds a flapping reader at once', async () => {
    bounds.noteWritten(steps('flapping', 100));
    expect(bounded).toEqual([]);
    bounds.noteWritten(steps('flapping'));
    await settle();
    expect(bounded).toEqual([['flapping']]);
  });

  it('tries again what failed', async () => {
    fails = true;
    bounds.noteWritten(steps('a'));
    await pass(10_000);
    fails = false;
    await pass(10_000);
    expect(bounded).toEqual([['a']]);
  });

  it('deletes what is too old in bounded statements, at the start and every hour', async () => {
    await settle();
    old = 25_000;
    await pass(3_600_000);
    expect(deletions.slice(-3)).toEqual([10_000, 10_000, 5_000]);
    expect(new Set(ages)).toEqual(new Set([30]));
  });

  it('does nothing more when it is stopped', async () => {
    bounds.noteWritten(steps('a'));
    bounds.stop();
    await pass(7_200_000);
    expect(bounded).toEqual([]);
  });
});
