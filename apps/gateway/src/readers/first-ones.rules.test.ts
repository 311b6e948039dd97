import fc from 'fast-check';
import { expect, it } from 'vitest';
import { FirstOnes } from './first-ones.rules.js';

it('keeps the first ones in their order, whatever order they come in', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.integer(), { maxLength: 200 }), fc.integer({ min: 1, max: 20 }), (items, most) => {
      const first = new FirstOnes<number>(most, (a, b) => a - b);
      for (const item of items) first.add(item);
      expect(first.result()).toEqual(items.toSorted((a, b) => a - b).slice(0, most));
    }),
  );
});
