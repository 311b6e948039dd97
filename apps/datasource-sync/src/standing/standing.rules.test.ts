import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nextCheckMs } from './check-times.rules.js';
import { afterAttempt, afterCheck, UNVERIFIED, type Outcome, type Standing } from './standing.rules.js';

const error = { code: 'login', message: 'The password is wrong.' };
const succeeded: Outcome = { kind: 'succeeded' };
const refused: Outcome = { kind: 'refused', error };
const failed: Outcome = { kind: 'failed', error };
const ACTIVE = afterCheck(UNVERIFIED, succeeded, 0);

/** @param outcomes each with its time in seconds */
const after = (start: Standing, outcomes: readonly (readonly [Outcome, number])[]): Standing =>
  outcomes.reduce((standing, [outcome, at]) => afterCheck(standing, outcome, at * 1_000), start);

describe('a datasource', () => {
  it('is active after a success, with nothing to complain of', () => {
    const standing = after(UNVERIFIED, [
      [failed, 0],
      [refused, 30],
      [succeeded, 60],
    ]);
    expect(standing).toEqual({ status: 'active', refusals: 0, refusedSince: null, retryCount: 0, lastError: null });
  });

  it('is rejected at the first refusal, if it was not active', () => {
    expect(afterCheck(UNVERIFIED, refused, 0)).toMatchObject({ status: 'rejected', retryCount: 1, lastError: error });
  });

  it('that is active is rejected after three refusals over two minutes', () => {
    const statusAfter = (...seconds: number[]): string =>
      after(
        ACTIVE,
        seconds.map((at) => [refused, at] as const),
      ).status;
    expect(statusAfter(0, 60)).toBe('active');
    expect(statusAfter(0, 121)).toBe('active');
    expect(statusAfter(0, 1, 2, 3, 119)).toBe('active');
    expect(statusAfter(0, 60, 120)).toBe('rejected');
  });

  it('counts refusals from the last success', () => {
    const standing = after(ACTIVE, [
      [refused, 0],
      [refused, 60],
      [succeeded, 61],
      [refused, 130],
      [refused, 140],
    ]);
    expect(standing).toMatchObject({ status: 'active', refusals: 2, refusedSince: 130_000 });
  });

  const outcome = fc.constantFrom(succeeded, refused, failed);
  const history = fc.array(fc.tuple(outcome, fc.integer({ min: 0, max: 200 })), { maxLength: 30 });

  it('never changes its status by failures alone', () => {
    fc.assert(
      fc.property(history, fc.array(fc.constant(failed), { minLength: 1, maxLength: 20 }), (before, failures) => {
        const start = after(UNVERIFIED, before);
        const end = after(
          start,
          failures.map((each) => [each, 1_000] as const),
        );
        expect(end.status).toBe(start.status);
        expect(end.retryCount).toBe(start.retryCount + failures.length);
      }),
    );
  });

  it('has an error exactly while something failed since the last success', () => {
    fc.assert(
      fc.property(history, (outcomes) => {
        const { retryCount, lastError, status } = after(UNVERIFIED, outcomes);
        expect(lastError === null).toBe(retryCount === 0);
        const expected = outcomes.length === 0 ? 'unverified' : 'active';
        expect(retryCount > 0 || status === expected).toBe(true);
      }),
    );
  });

  it('learns nothing from attempts while it is not active', () => {
    fc.assert(
      fc.property(history, outcome, (outcomes, late) => {
        const standing = after(UNVERIFIED, outcomes);
        const expected = standing.status === 'active' ? afterCheck(standing, late, 1e6) : standing;
        expect(afterAttempt(standing, late, 1e6)).toEqual(expected);
      }),
    );
  });
});

describe('nextCheckMs', () => {
  const base = { status: 'rejected', paused: false, isRefused: true, failures: 1, random: 0.5 } as const;

  it('doubles from half a minute to ten minutes', () => {
    const waits = [1, 2, 3, 5, 6, 100].map((failures) => nextCheckMs({ ...base, failures }));
    expect(waits).toEqual([30_000, 60_000, 120_000, 480_000, 600_000, 600_000]);
  });

  it('spreads by a quarter', () => {
    expect([0, 1].map((random) => nextCheckMs({ ...base, random }))).toEqual([22_500, 37_500]);
  });

  it('is null for what is paused, or active and not refused', () => {
    expect(nextCheckMs({ ...base, paused: true })).toBeNull();
    expect(nextCheckMs({ ...base, status: 'active', isRefused: false })).toBeNull();
    expect(nextCheckMs({ ...base, status: 'active' })).toBe(60_000);
  });
});
