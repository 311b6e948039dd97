import { describe, expect, it } from 'vitest';
import { limitHeaders, secondsUntil } from './limit-headers.rules.js';

describe('limitHeaders', () => {
  const shown = { limit: 1_000, remaining: 998, resetAt: 1_800_003_600, burst: 100 };

  it('say the same in both forms', () => {
    expect(limitHeaders(shown, 1_800_003_000_400)).toEqual({
      'x-ratelimit-limit': '1000',
      'x-ratelimit-remaining': '998',
      'x-ratelimit-reset': '1800003600',
      ratelimit: '"hour";r=998;t=600',
      'ratelimit-policy': '"hour";q=1000;w=3600, "second";q=100;w=1',
    });
  });

  it('name the burst where it was the reason of the refusal', () => {
    expect(limitHeaders({ ...shown, isBurst: true }, 1_800_003_000_400)).toMatchObject({
      'x-ratelimit-remaining': '998',
      ratelimit: '"hour";r=998;t=600, "second";r=0;t=1',
    });
  });
});

it('counts a part of a second as a whole one, and none as one', () => {
  expect([9_000, 9_001, 9_999, 10_000, 11_000].map((now) => secondsUntil(10, now))).toEqual([1, 1, 1, 1, 1]);
  expect(secondsUntil(10, 8_999)).toBe(2);
});
