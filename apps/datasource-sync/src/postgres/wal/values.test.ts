import { describe, expect, it } from 'vitest';
import { encoderOf } from './values.js';

const JSON_OID = 114;
const encoded = (text: string, oid: number, name?: string): unknown => JSON.parse(encoderOf(oid, name)(text));

describe('values of a source that deceives', () => {
  // What is no number, no JSON and no array must not end the JSON it is put into.
  it.each([
    ['a number', 23],
    ['a float', 701],
    ['JSON', JSON_OID],
    ['a time', 1184],
    ['an array of numbers', 1007],
    ['an array of text', 1009],
    ['an unknown type', 99_999],
  ])('are text where they are not %s', (_, oid) => {
    for (const text of [
      '1,"datasource":"ds_other"',
      '1},{"a":1',
      '{1},"x"',
      '{1',
      '"',
      '\\',
      '\u0000',
      '',
      '{1}}',
      '{,}',
      '{1,,2}',
      '{{1}{2}}',
      '{"a""b"}',
    ])
      expect(encoded(text, oid)).toBe(text);
  });

  it('are written by the name of a type that is not of pg_catalog', () => {
    expect(encoded('{glad,"sa d",NULL}', 99_999, '_mood')).toEqual(['glad', 'sa d', null]);
    expect(encoded('12', 99_999, 'int4')).toBe(12);
    expect(encoded('[0:1]={5,6}', 1007)).toEqual([5, 6]);
    expect(encoded('{}', 1007)).toEqual([]);
    expect(encoded('0044-03-15 12:00:00+00 BC', 1184)).toBe('0044-03-15 12:00:00+00 BC');
  });
});
