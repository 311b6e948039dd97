import { afterEach, describe, expect, it, vi } from 'vitest';
import { Backoff } from './backoff.js';

afterEach(() => vi.restoreAllMocks());

describe('Backoff', () => {
  const waits = (backoff: Backoff, count: number) => Array.from({ length: count }, () => backoff.nextMs());

  it('doubles from the lower to the upper bound', () => {
    vi.spyOn(Math, 'random').mockReturnValue(1);
    const backoff = new Backoff({ minMs: 100, maxMs: 1_000 });
    expect(waits(backoff, 6)).toEqual([100, 200, 400, 800, 1_000, 1_000]);
    expect(waits(backoff, 2_000).at(-1)).toBe(1_000);
  });

  it('draws each wait from the upper half of its step', () => {
    const random = vi.spyOn(Math, 'random');
    const backoff = new Backoff({ minMs: 100, maxMs: 100 });
    const drawn = [0, 0.5, 1].map((number) => {
      random.mockReturnValue(number);
      return backoff.nextMs();
    });
    expect(drawn).toEqual([50, 75, 100]);
  });

  it('starts over after a reset', () => {
    vi.spyOn(Math, 'random').mockReturnValue(1);
    const backoff = new Backoff({ minMs: 100, maxMs: 1_000 });
    waits(backoff, 5);
    backoff.reset();
    expect(backoff.nextMs()).toBe(100);
  });
});
