import { expect, it } from 'vitest';
import { routes } from './routing.js';

it.each([
  ['#', 'a.b', true],
  ['#', '', true],
  ['a.*', 'a.b', true],
  ['a.*', 'a', false],
  ['a.*', 'a.b.c', false],
  ['a.#', 'a', true],
  ['a.#', 'a.b.c', true],
  ['#.c', 'a.b.c', true],
  ['a.#.c', 'a.c', true],
  ['a.#.c', 'a.b', false],
  ['a.b', 'a.b', true],
])('topic %s takes %j: %s', (binding, key, taken) => {
  expect(routes('topic', binding, key)).toBe(taken);
});

it('direct takes its own key and fanout all', () => {
  expect([routes('direct', 'a', 'a'), routes('direct', '#', 'a'), routes('fanout', '', 'a')]).toEqual([
    true,
    false,
    true,
  ]);
});
