import { describe, expect, it } from 'vitest';
import type { PublishedTable } from '../snapshot/published-tables.js';
import { FullKeys, TablesChanged } from './full-keys.js';

const tableWith = (names: string[], more: Partial<PublishedTable>): PublishedTable => ({
  oid: '7',
  member: '1:0',
  name: 'orders',
  quoted: '"public"."orders"',
  isFull: true,
  isPartitioned: false,
  columns: names.map((name) => ({ name, oid: 23, type: undefined })),
  key: [],
  keyIsAt: [],
  filter: null,
  estimate: null,
  ...more,
});

describe('FullKeys', () => {
  it('asks for another look at a table that may have changed since the last one, once', () => {
    const keys = new FullKeys();
    keys.lookedUp([tableWith(['id', 'note'], { key: ['id'], keyIsAt: [0] })], 10n);
    expect(keys.of(7, ['id', 'note'], 20n)).toEqual(['id']);
    expect(() => keys.of(7, ['note', 'code'], 20n)).toThrow(TablesChanged);
    keys.lookedUp([tableWith(['note', 'code'], { key: ['code'], keyIsAt: null })], 30n);
    expect(keys.of(7, ['note', 'code'], 20n)).toEqual(['code']);
    expect(() => keys.of(8, ['id'], 31n)).toThrow(TablesChanged);
    expect(keys.of(8, ['id'], 31n)).toEqual([]);
  });

  it('finds a key of several columns under former names, where no column before it was dropped', () => {
    const keys = new FullKeys();
    keys.lookedUp([tableWith(['a', 'b', 'c', 'd'], { key: ['c', 'a'], keyIsAt: [2, 0] })], 10n);
    expect(keys.of(7, ['x', 'b', 'y'], 5n)).toEqual(['y', 'x']);
    expect(keys.of(7, ['x', 'b'], 5n)).toEqual([]);
    expect(keys.of(7, ['b', 'x', 'y'], 5n)).toEqual([]);
    keys.lookedUp([tableWith(['b', 'c'], { key: ['c'], keyIsAt: null })], 20n);
    expect(keys.of(7, ['x', 'b', 'c', 'e'], 15n)).toEqual(['c']);
    expect(keys.of(7, ['x', 'b', 'y'], 15n)).toEqual([]);
    // As it was looked up before.
    expect(keys.of(7, ['a', 'b', 'c', 'd'], 15n)).toEqual(['c', 'a']);
  });
});
