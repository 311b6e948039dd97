import { describe, expect, it } from 'vitest';
import { takeToken, type FullAt } from './burst.rules.js';

/** How many of `requests` at one moment are admitted, and the bucket afterwards. */
function burst(fullAt: FullAt | undefined, at: { nowMs: number; perSecond: number; requests: number }) {
  let [bucket, admitted] = [fullAt, 0];
  for (let i = 0; i < at.requests; i++) {
    const decision = takeToken(bucket, at);
    if (!decision.admitted) continue;
    bucket = decision.fullAt;
    admitted += 1;
  }
  return { bucket, admitted };
}

describe('takeToken', () => {
  it.each([1, 3, 7, 100, 1_000, 999_999])('admits exactly %d requests at one moment', (perSecond) => {
    expect(burst(undefined, { nowMs: 5, perSecond, requests: perSecond + 5 }).admitted).toBe(perSecond);
  });

  it('admits as many again when the time has passed in which the bucket fills', () => {
    const { bucket } = burst(undefined, { nowMs: 0, perSecond: 100, requests: 200 });
    expect(burst(bucket, { nowMs: 100, perSecond: 100, requests: 200 }).admitted).toBe(10);
    expect(burst(bucket, { nowMs: 1_000, perSecond: 100, requests: 200 }).admitted).toBe(100);
    expect(burst(bucket, { nowMs: 1e9, perSecond: 100, requests: 200 }).admitted).toBe(100);
  });

  it('says after how many ms the next request is admitted', () => {
    const { bucket } = burst(undefined, { nowMs: 0, perSecond: 4, requests: 4 });
    const decision = takeToken(bucket, { nowMs: 50, perSecond: 4 });
    expect(decision).toEqual({ admitted: false, retryAfterMs: expect.closeTo(200, 3) as number });
    expect(takeToken(bucket, { nowMs: 250, perSecond: 4 })).toHaveProperty('fullAt');
  });
});
