import { describe, expect, it } from 'vitest';
import { readerPattern, readersOf } from './reader-pattern.js';

describe('readersOf', () => {
  it.each([
    ['llama-70b-0', 'llama-70b-0', true],
    ['llama-70b-0', 'llama-70b-00', false],
    ['llama-70b-0', 'a-llama-70b-0', false],
    ['llama.0', 'llama-0', false],
    ['llama-*', 'llama-', true],
    ['llama-*', 'llama-70b/0', true],
    ['llama-*', 'mistral-0', false],
    ['eu/*/gpu:*', 'eu/west/gpu:0', true],
    ['eu/*/gpu:*', 'eu/gpu:0', false],
    ['*', 'anything', true],
  ])('%s and %s: %s', (pattern, readerId, isCovered) => {
    expect(readerPattern.safeParse(pattern).success).toBe(true);
    expect(readersOf(pattern)(readerId)).toBe(isCovered);
  });

  it('takes no long time for the worst pattern and id', () => {
    expect(readersOf('*a*a*a*b')('a'.repeat(200))).toBe(false);
  });
});

it.each(['', 'a b', 'a?', '(a)', '*****', 'x'.repeat(201)])('is no pattern: %s', (text) => {
  expect(readerPattern.safeParse(text).success).toBe(false);
});
