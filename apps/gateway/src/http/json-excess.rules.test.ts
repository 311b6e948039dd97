import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { excessOf } from './json-excess.rules.js';

const depthOf = (value: unknown): number =>
  typeof value === 'object' && value !== null
    ? 1 + Math.max(0, ...Object.values(value as Record<string, unknown>).map(depthOf))
    : 0;

const isDeeper = (json: Buffer, levels: number): boolean => excessOf(json, { levels, commas: 1_000_000 }) === 'levels';

describe('the depth of JSON', () => {
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
    expect(isDeeper(Buffer.from(json), levels)).toBe(expected);
  });

  it('is what the parsed value says', () => {
    fc.assert(
      fc.property(fc.jsonValue({ depthSize: 'large' }), fc.nat(6), fc.constantFrom(0, 2), (value, levels, spaces) => {
        const json = Buffer.from(JSON.stringify(value, null, spaces));
        expect(isDeeper(json, levels)).toBe(depthOf(value) > levels);
      }),
    );
  });
});

describe('the values of JSON', () => {
  it.each([
    ['[1,2,3]', 2, undefined],
    ['[1,2,3]', 1, 'commas'],
    ['{"a":[1,2],"b":{}}', 1, 'commas'],
    ['[",,,", "\\",,,"]', 1, undefined],
    ['[[[],', 1, undefined],
  ])('of %s with at most %d commas: %s', (json, commas, expected) => {
    expect(excessOf(Buffer.from(json), { levels: 64, commas })).toBe(expected);
  });
});
