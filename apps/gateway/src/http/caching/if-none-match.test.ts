import { describe, expect, it } from 'vitest';
import { isKnown } from './if-none-match.js';

describe('If-None-Match', () => {
  it.each(['"a.1"', 'W/"a.1"', '"x", "a.1"', '"x",W/"a.1" , "y"', '*', ' * '])(
    '%s names the version "a.1"',
    (known) => {
      expect(isKnown(known, '"a.1"')).toBe(true);
      expect(isKnown(known, 'W/"a.1"')).toBe(true);
    },
  );

  it.each([undefined, '', '"a.2"', 'a.1', 'w/"a.1"', '"a.1', '"x", *', '"*"'])('%s does not name it', (known) => {
    expect(isKnown(known, '"a.1"')).toBe(false);
  });
});
