import { expect, it } from 'vitest';
import { WaitCaps } from './wait-caps.js';

const MOST_OF_KEY = 100;
const tooMany = { status: 429, code: 'too_many_waits', headers: { 'retry-after': '1' } };

const refusalOf = (begin: () => unknown): unknown => {
  try {
    return begin();
  } catch (error) {
    return error;
  }
};

it('a key waits a hundred times at most, and again when one of them has ended', () => {
  const caps = new WaitCaps();
  const ends = Array.from({ length: MOST_OF_KEY }, () => caps.begin('key_1'));
  expect(refusalOf(() => caps.begin('key_1'))).toMatchObject(tooMany);
  caps.begin('key_2')();
  ends[0]!();
  caps.begin('key_1');
  expect(refusalOf(() => caps.begin('key_1'))).toMatchObject(tooMany);
});

it('all keys together wait two thousand times at most', () => {
  const caps = new WaitCaps();
  const ends = Array.from({ length: 2_000 }, (_, n) => caps.begin(`key_${n % 50}`));
  expect(refusalOf(() => caps.begin('key_another'))).toMatchObject(tooMany);
  for (const end of ends) end();
  expect(refusalOf(() => caps.begin('key_another'))).toBeTypeOf('function');
});
