import { describe, expect, it } from 'vitest';
import { backoffMs } from './backoff.js';

describe('backoffMs', () => {
  it('doubles from a quarter of a second to five seconds', () => {
    expect([1, 2, 3, 4, 5, 6, 7, 1_000].map((failures) => backoffMs(failures, 1))).toEqual([
      250, 500, 1_000, 2_000, 4_000, 5_000, 5_000, 5_000,
    ]);
  });

  it('spreads each wait over its upper half', () => {
    expect([backoffMs(6, 0), backoffMs(6, 0.5), backoffMs(6, 1)]).toEqual([2_500, 3_750, 5_000]);
  });
});
