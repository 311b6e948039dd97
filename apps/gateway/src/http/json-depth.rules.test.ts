import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isDeeperJson } from './json-depth.rules.js';

const depthOf = (value: unknown): number =>
  typeof value === 'object' && value !== null
    ? 1 + Math.max(0, ...Object.values(value as Record<string, unknown>).map(depthOf))
    : 0;

describe('isDeeperJson', () => {
  it.each([
    ['[[]]', 2, false],
    ['[[]]', 1, true],
    ['{"a":[1,{"b":2}]}', 2, true],
    ['"[[[["', 0, false],
    ['["\\"[[[", "\\\\"]', 1, false],
    ['["\\\\", [', 1, true],
    ['[],[],[]', 1, false],
    ['"not closed [[[', 0, false],
    ['', 0, false],
  ])('of %s and %d levels is %s', (json, levels, expected) => {
    expect(isDeeperJson(Buffer.from(json), levels)).toBe(expected);
  });

  it('is what the parsed value says', () => {
    fc.assert(
      fc.property(fc.jsonValue({ depthSize: 'large' }), fc.nat(6), fc.constantFrom(0, 2), (value, levels, spaces) => {
        const json = Buffer.from(JSON.stringify(value, null, spaces));
        expect(isDeeperJson(json, levels)).toBe(depthOf(value) > levels);
      }),
    );
  });
});
