import { expect, it } from 'vitest';
import { anyPatternOf, patternOf } from './key-pattern.js';

it.each([
  ['registry', ['registry'], ['registry.x', 'xregistry', '', '#']],
  ['registry.#', ['registry.x', 'registry.x.y', 'registry.#'], ['registry', 'registryx']],
  ['#', ['', 'a', 'a.b', '#'], []],
  ['dataplane.*', ['dataplane.*'], ['dataplane.main', 'dataplane.#']],
  ['dataplane.{dataplane}.run', ['dataplane.main-1.run'], ['dataplane.*.run', 'dataplane.a.b.run', 'dataplane..run']],
  [
    'reader.{reader}.control',
    ['reader.a.control', 'reader.pool/a.b:0.control'],
    [
      'reader..control',
      'reader.*.control',
      'reader.#.control',
      'reader.control',
      'reader.a.controls',
      'xreader.a.control',
    ],
  ],
  ['readers.{partition}', ['readers.0', 'readers.12'], ['readers.x', 'readers.', 'readersX0']],
] as const)('matches with %s whole texts only', (template, matching, others) => {
  const pattern = anyPatternOf([template]);
  expect(matching.filter((text) => !pattern.test(text))).toEqual([]);
  expect(others.filter((text) => pattern.test(text))).toEqual([]);
});

it('matches nothing without a template', () => {
  expect(['', 'a'].filter((text) => anyPatternOf([]).test(text))).toEqual([]);
});

it('refuses a placeholder that it does not know', () => {
  expect(() => patternOf('reader.{other}')).toThrow('no placeholder is named other');
});
