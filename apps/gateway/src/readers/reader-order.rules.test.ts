import type { ReaderQuery } from '@signalbox/contracts/http';
import { expect, it } from 'vitest';
import { cursorOf, placeIn, readerOrder } from './reader-order.rules.js';

const places = [
  { value: 2, id: 'b' },
  { value: 1, id: 'z' },
  { value: 2, id: 'a' },
];

it.each<[ReaderQuery['sort'], string[]]>([
  ['since', ['z', 'a', 'b']],
  ['-since', ['b', 'a', 'z']],
])('sorts by %s, and by id where it is equal', (sort, expected) => {
  expect(places.toSorted(readerOrder(sort).compare).map(({ id }) => id)).toEqual(expected);
});

it('finds in a cursor the place that was put into it', () => {
  const place = { value: 'ä/"\\', id: 'ä/"\\' };
  expect(placeIn(cursorOf('-reader_id', place), '-reader_id')).toEqual(place);
});

it.each([
  ['of another order', cursorOf('since', places[0]!)],
  ['with a value of another type', cursorOf('reader_id', { value: 1, id: 'a' })],
  ['that is no base64url', '%%%'],
  ['that is no JSON', Buffer.from('[1').toString('base64url')],
  ['that is no list', Buffer.from('{"a":1}').toString('base64url')],
  ['that is longer', Buffer.from('["reader_id","a","a","a"]').toString('base64url')],
])('does not take a cursor %s', (_, cursor) => {
  expect(placeIn(cursor, 'reader_id')).toBeUndefined();
});

it('does not take a cursor with a time that is none', () => {
  for (const value of ['1e999', '1.5', '"1"', 'null']) {
    const cursor = Buffer.from(`["since",${value},"a"]`).toString('base64url');
    expect([value, placeIn(cursor, 'since')]).toEqual([value, undefined]);
  }
});
