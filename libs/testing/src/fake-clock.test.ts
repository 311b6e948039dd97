import { describe, expect, it } from 'vitest';
import { FakeClock } from './fake-clock.js';

describe('FakeClock', () => {
  it('runs what falls due in order, each at its own time', () => {
    const clock = new FakeClock(1_000);
    const seen: [string, number, number][] = [];
    const note = (name: string) => () => void seen.push([name, clock.monotonic(), clock.now()]);
    clock.schedule(20, note('late'));
    clock.schedule(10, note('first'));
    clock.schedule(10, note('second'));
    clock.schedule(-5, note('at once'));
    clock.schedule(31, note('not yet'));
    clock.advance(30);
    expect(seen).toEqual([
      ['at once', 0, 1_000],
      ['first', 10, 1_010],
      ['second', 10, 1_010],
      ['late', 20, 1_020],
    ]);
    expect(clock.monotonic()).toBe(30);
  });

  it('runs what a timer scheduled within the same advance, and nothing that was cancelled', () => {
    const clock = new FakeClock();
    const ticks: number[] = [];
    const tick = (): void => {
      ticks.push(clock.monotonic());
      clock.schedule(10, tick);
    };
    clock.schedule(10, tick);
    clock.schedule(15, () => ticks.push(-1))();
    clock.advance(35);
    expect(ticks).toEqual([10, 20, 30]);
  });

  it('runs timers late after a pause', () => {
    const clock = new FakeClock(0);
    const seen: number[] = [];
    clock.schedule(10, () => seen.push(clock.monotonic()));
    clock.pause(500);
    expect(seen).toEqual([500]);
    expect(clock.now()).toBe(500);
  });

  it('jumps the wall clock without anything falling due', () => {
    const clock = new FakeClock(10_000);
    const seen: number[] = [];
    clock.schedule(10, () => seen.push(clock.now()));
    clock.jumpWallClock(-5_000);
    expect(seen).toEqual([]);
    clock.advance(10);
    expect(seen).toEqual([5_010]);
  });
});
