import fc from 'fast-check';
import { expect, it } from 'vitest';
import { SortedList } from './sorted-list.rules.js';

it('has what was inserted and not removed, in its order, from any place in both directions', () => {
  const step = fc.record({ what: fc.constantFrom('put', 'put', 'remove'), key: fc.integer({ min: 0, max: 300 }) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 400 }), fc.integer({ min: -1, max: 301 }), (steps, key) => {
      const list = new SortedList<{ key: number }>((a, b) => a.key - b.key);
      const expected = new Map<number, { key: number }>();
      for (const each of steps) {
        const item = { key: each.key };
        if (each.what === 'put') {
          list.put(item);
          expected.set(each.key, item);
        } else {
          list.remove(item);
          expected.delete(each.key);
        }
      }
      const sorted = [...expected.values()].toSorted((a, b) => a.key - b.key);
      expect([...list.after(undefined)]).toEqual(sorted);
      expect([...list.before(undefined)]).toEqual(sorted.toReversed());
      expect([...list.after({ key })]).toEqual(sorted.filter((item) => item.key > key));
      expect([...list.before({ key })]).toEqual(sorted.filter((item) => item.key < key).toReversed());
    }),
  );
});

it('replaces an item by the one that comes to its place', () => {
  const list = new SortedList<{ key: number }, { key: number; text: string }>((a, b) => a.key - b.key);
  list.put({ key: 1, text: 'a' });
  list.put({ key: 1, text: 'b' });
  expect([...list.after(undefined)]).toEqual([{ key: 1, text: 'b' }]);
});

it('keeps the order of tens of thousands', () => {
  const list = new SortedList<number>((a, b) => a - b);
  const count = 20_000;
  for (let index = 0; index < count; index += 1) list.put((index * 7_919) % count);
  for (let number = 0; number < count; number += 2) list.remove(number);
  const odd = Array.from({ length: count / 2 }, (_, index) => 2 * index + 1);
  expect([...list.after(undefined)]).toEqual(odd);
  expect([...list.before(10_001)].slice(0, 2)).toEqual([9_999, 9_997]);
});
