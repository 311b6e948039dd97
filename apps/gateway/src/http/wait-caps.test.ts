import { expect, it } from 'vitest';
import { WaitCaps } from './wait-caps.js';

const MOST_OF_KEY = 100;
const tooMany = { status: 429, code: 'too_many_waits', headers: { 'retry-after': '1' } };

const known = (key: string) => ({ key, isStranger: false });

const refusalOf = (begin: () => unknown): unknown => {
  try {
    return begin();
  } catch (error) {
    return error;
  }
};

it('a key waits a hundred times at most, and again when one of them has ended', () => {
  const caps = new WaitCaps();
  const ends = Array.from({ length: MOST_OF_KEY }, () => caps.begin(known('key_1')));
  expect(refusalOf(() => caps.begin(known('key_1')))).toMatchObject(tooMany);
  caps.begin(known('key_2'))();
  ends[0]!();
  caps.begin(known('key_1'));
  expect(refusalOf(() => caps.begin(known('key_1')))).toMatchObject(tooMany);
});

it('all keys together wait two thousand times at most', () => {
  const caps = new WaitCaps();
  const ends = Array.from({ length: 2_000 }, (_, n) => caps.begin(known(`key_${n % 50}`)));
  expect(refusalOf(() => caps.begin(known('key_another')))).toMatchObject(tooMany);
  for (const end of ends) end();
  expect(refusalOf(() => caps.begin(known('key_another')))).toBeTypeOf('function');
});

it('strangers together wait a thousand times at most, and callers that are known still do', () => {
  const caps = new WaitCaps();
  const stranger = (n: number) => ({ key: `192.0.2.${n}`, isStranger: true });
  const ends = Array.from({ length: 1_000 }, (_, n) => caps.begin(stranger(n % 10)));
  expect(refusalOf(() => caps.begin(stranger(11)))).toMatchObject(tooMany);
  caps.begin(known('key_1'))();
  ends[0]!();
  expect(refusalOf(() => caps.begin(stranger(11)))).toBeTypeOf('function');
  expect(refusalOf(() => caps.begin(stranger(12)))).toMatchObject(tooMany);
});
