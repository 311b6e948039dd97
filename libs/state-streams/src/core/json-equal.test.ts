import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { jsonEqual } from './json-equal.js';

describe('equality as JSON', () => {
  it('holds between a value and its copy after JSON', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(jsonEqual(value, JSON.parse(JSON.stringify(value)))).toBe(true);
      }),
    );
  });

  it('is equality of the text, except for the order of members', () => {
    const small = fc.object({
      key: fc.constantFrom('a', 'b'),
      values: [fc.constantFrom(0, 1, null, 'a')],
      maxDepth: 2,
    });
    fc.assert(
      fc.property(small, small, (left, right) => {
        expect(jsonEqual(left, right)).toBe(sorted(left) === sorted(right));
      }),
      { numRuns: 2_000 },
    );
  });

  it.each([
    [{ a: 1, b: 2 }, { b: 2, a: 1 }, true],
    [{ a: 1, b: undefined }, { a: 1 }, true],
    [{ a: 1 }, { a: 1, b: null }, false],
    [[1, 2], [2, 1], false],
    [[], {}, false],
    [null, {}, false],
    [{ toString: undefined }, {}, true],
    [{}, { constructor: 1 }, false],
    ['1', 1, false],
  ])('%j and %j: %s', (left, right, equal) => {
    expect(jsonEqual(left, right)).toBe(equal);
    expect(jsonEqual(right, left)).toBe(equal);
  });
});

/** Text that does not depend on the order of members. */
function sorted(value: unknown): string {
  return JSON.stringify(value, (_key, member: unknown) =>
    member !== null && typeof member === 'object' && !Array.isArray(member)
      ? Object.fromEntries(Object.entries(member).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : member,
  );
}
