import { describe, expect, it } from 'vitest';
import { fence, isSameIncarnation, type KnownIncarnation } from './incarnation.rules.js';

const known: KnownIncarnation = { bootId: 'b', seq: 5, endedBoots: ['a'] };
const unnamed: KnownIncarnation = { bootId: null, seq: 5, endedBoots: ['a'] };

describe('fence', () => {
  it.each([
    ['of an unknown sender', undefined, 'b', 0, 'first'],
    ['of the present incarnation', known, 'b', 6, 'newer'],
    ['that is delivered again', known, 'b', 5, 'not-newer'],
    ['that was overtaken', known, 'b', 4, 'not-newer'],
    ['of a replaced incarnation', known, 'a', 99, 'ended'],
    ['of an unknown incarnation', known, 'c', 0, 'next'],
    ['of an unknown incarnation whose boot id sorts before', known, '0', 0, 'next'],
    ['of the present incarnation, the first since the start', { ...known, seq: null }, 'b', 0, 'newer'],
    ['of the present incarnation without a number', known, 'b', null, 'newer'],
    ['without a boot id, after one with', known, null, 9, 'next'],
    ['without a boot id, whatever its number', unnamed, null, 1, 'newer'],
  ] as const)('judges a message %s', (_what, sender, bootId, seq, fencing) => {
    expect(fence(sender, { bootId, seq })).toBe(fencing);
  });
});

describe('isSameIncarnation', () => {
  it('compares boot ids as they are', () => {
    expect([isSameIncarnation('a', 'a'), isSameIncarnation('a', 'A'), isSameIncarnation('a', 'b')]).toEqual([
      true,
      false,
      false,
    ]);
  });
});
