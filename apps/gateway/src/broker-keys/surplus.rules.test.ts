import { expect, it } from 'vitest';
import { surplusOf } from './surplus.rules.js';

it('takes connections that were not there before as surplus, in an order of their own', () => {
  const known = new Set(['c', 'gone', 'd']);
  expect(surplusOf(['b', 'd', 'a', 'c'], { known, most: 3 })).toEqual(['b']);
  expect(surplusOf(['a', 'd', 'b', 'c'], { known, most: 3 })).toEqual(['b']);
  expect(surplusOf(['b', 'd', 'a', 'c'], { known, most: 1 })).toEqual(['c', 'a', 'b']);
  expect(surplusOf(['b', 'd', 'a', 'c'], { known, most: 4 })).toEqual([]);
});
