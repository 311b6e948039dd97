import fc from 'fast-check';
import { expect, it } from 'vitest';
import { storableJson } from './storable-json.rules.js';

/** A half of a surrogate pair has no UTF-8. */
const isWellFormed = (text: string): boolean => Buffer.from(text).toString() === text;

it('replaces NUL and halves of surrogate pairs', () => {
  expect(JSON.parse(storableJson({ a: 'x\0y', '\ud800': ['\udfff', '\u{1f600}', 'é\n'] }))).toEqual({
    a: 'x\ufffdy',
    '\ufffd': ['\ufffd', '\u{1f600}', 'é\n'],
  });
});

it('is JSON without such characters for any text, and leaves the others as they are', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const stored = JSON.parse(storableJson(text)) as string;
      expect(isWellFormed(stored) && !stored.includes('\0')).toBe(true);
      const isPlain = !text.includes('\0') && isWellFormed(text) && !text.includes('\\');
      expect(isPlain && stored !== text).toBe(false);
    }),
  );
});
