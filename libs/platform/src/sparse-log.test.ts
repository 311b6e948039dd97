import { expect, it } from 'vitest';
import { SparseLog } from './sparse-log.js';

it('lets the first of a kind be logged at once, and then one line a minute with the count', () => {
  let now = 7;
  const log = new SparseLog({ monotonic: () => now });
  expect([log.due('a', 3), log.due('a'), log.due('b')]).toEqual([3, undefined, 1]);
  now += 59_999;
  expect(log.due('a', 2)).toBeUndefined();
  now += 1;
  expect([log.due('a'), log.due('a')]).toEqual([4, undefined]);
});

it('remembers a thousand kinds, and counts others as one', () => {
  const log = new SparseLog({ monotonic: () => 0 });
  for (let kind = 0; kind < 1_000; kind += 1) expect(log.due(`kind ${kind}`)).toBe(1);
  expect([log.due('one'), log.due('another'), log.due('kind 7')]).toEqual([1, undefined, undefined]);
});
