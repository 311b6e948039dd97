import { describe, expect, it } from 'vitest';
import { isTooDeep } from './body-depth.rules.js';

const nested = (levels: number): unknown => JSON.parse('['.repeat(levels) + ']'.repeat(levels));

describe('the depth of a body', () => {
  it('is bounded, whatever the body consists of', () => {
    for (const body of [undefined, null, 'text', {}, { a: [{ b: 1 }, 'c', null] }, nested(100)])
      expect(isTooDeep(body)).toBe(false);
    for (const body of [nested(101), { a: 1, b: [nested(100)] }, nested(50_000)]) expect(isTooDeep(body)).toBe(true);
  });

  it('is not what counts of a wide body', () => {
    expect(isTooDeep(Array.from({ length: 200_000 }, (_, index) => ({ index })))).toBe(false);
  });
});
