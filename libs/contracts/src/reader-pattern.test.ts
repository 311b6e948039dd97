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

  it('agrees with a regular expression for every short pattern and id', () => {
    const ids = textsOf('ab', 6);
    for (const pattern of textsOf('ab*', 5)) {
      const covers = readersOf(pattern);
      const expected = new RegExp(`^${pattern.replaceAll('*', '.*')}$`);
      const differing = ids.filter((readerId) => covers(readerId) !== expected.test(readerId));
      expect([pattern, differing]).toEqual([pattern, []]);
    }
  });

  it('takes no long time for the worst pattern and id', () => {
    const covers = readersOf('*a*a*a*b');
    const ids = Array.from({ length: 10_000 }, () => 'a'.repeat(200));
    expect(ids.filter(covers)).toEqual([]);
  });
});

it.each(['', 'a b', 'a?', '(a)', '*****', 'x'.repeat(201)])('is no pattern: %s', (text) => {
  expect(readerPattern.safeParse(text).success).toBe(false);
});

/** All texts of these characters, up to a length. */
function textsOf(characters: string, length: number): string[] {
  if (length === 0) return [''];
  const shorter = textsOf(characters, length - 1);
  return [...new Set(shorter.flatMap((text) => [text, ...characters.split('').map((each) => text + each)]))];
}
