import { describe, expect, it } from 'vitest';
import { StreamOrderError, StreamOwner } from './stream-owner.js';

interface Reader {
  state: string;
  groups: string[];
}

const live: Reader = { state: 'live', groups: ['a'] };
const dead: Reader = { state: 'dead', groups: ['a'] };

function owner(entries: [string, Reader][] = [], seq = 0): StreamOwner<Reader> {
  return new StreamOwner({ stream: 'readers.0', epoch: 5, seq, entries });
}

describe('an owner in memory', () => {
  it('numbers its changes from its first seq on', () => {
    const readers = owner([], 7);
    expect(readers.commit([{ key: 'r1', value: live }])).toEqual([
      { stream: 'readers.0', epoch: 5, seq: 8, changes: [{ key: 'r1', value: live }] },
    ]);
    expect(readers.commit([{ key: 'r1', value: null }])).toMatchObject([
      { seq: 9, changes: [{ key: 'r1', value: null }] },
    ]);
    expect(readers.size).toBe(0);
  });

  it('leaves out changes without effect, and takes no seq when none is left', () => {
    const readers = owner([['r1', live]]);
    const before = readers.beacon();
    expect(
      readers.commit([
        { key: 'r1', value: { groups: ['a'], state: 'live' } },
        { key: 'r2', value: null },
      ]),
    ).toEqual([]);
    expect(readers.commit([])).toEqual([]);
    expect(readers.beacon()).toEqual(before);
    const [delta] = readers.commit([
      { key: 'r1', value: live },
      { key: 'r2', value: dead },
    ]);
    expect(delta).toMatchObject({ seq: 1, changes: [{ key: 'r2', value: dead }] });
  });

  it('has the digest of its content, whatever led to it', () => {
    const readers = owner([['r1', live]]);
    const { digest } = readers.beacon();
    readers.commit([{ key: 'r2', value: live }]);
    readers.commit([{ key: 'r2', value: dead }]);
    expect(readers.beacon().digest).not.toBe(digest);
    readers.commit([{ key: 'r2', value: null }]);
    expect(readers.beacon()).toEqual({ stream: 'readers.0', epoch: 5, seq: 3, digest });
  });

  it('counts the last of several changes of one key', () => {
    const readers = owner([['r1', live]]);
    expect(
      readers.commit([
        { key: 'r1', value: null },
        { key: 'r1', value: live },
      ]),
    ).toEqual([]);
    const [delta] = readers.commit([
      { key: 'r1', value: null },
      { key: 'r1', value: dead },
    ]);
    expect(delta?.changes).toEqual([{ key: 'r1', value: dead }]);
    expect(readers.get('r1')).toBe(dead);
  });
});

describe('many changes', () => {
  const groups = ['g'.repeat(1_000)];
  const changes = (count: number, value: Reader | null = live) =>
    Array.from({ length: count }, (_, at) => ({ key: `r${at}`, value }));

  it('are several deltas, in order, of 1,000 changes at most', () => {
    const readers = owner();
    const deltas = readers.commit(changes(2_500));
    expect(deltas.map(({ seq, changes: made }) => [seq, made.length])).toEqual([
      [1, 1_000],
      [2, 1_000],
      [3, 500],
    ]);
    expect(deltas.flatMap((delta) => delta.changes)).toEqual(changes(2_500));
    expect(readers.seq).toBe(3);
  });

  it('are deltas of 1 MiB at most', () => {
    const deltas = owner().commit(changes(1_000, { state: 'live', groups: [...groups, ...groups] }));
    const sizes = deltas.map((delta) => Buffer.byteLength(JSON.stringify(delta)));
    expect(deltas).toHaveLength(2);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(1_024 * 1_024);
  });

  it('give an owner that applies the deltas the same content', () => {
    const [maker, taker] = [owner(), owner()];
    for (const delta of [...maker.commit(changes(1_500)), ...maker.commit(changes(1_200, null))]) taker.apply(delta);
    expect(taker.beacon()).toEqual(maker.beacon());
    expect(taker.size).toBe(300);
  });
});

describe('an owner behind a database', () => {
  it('applies exactly the next delta', () => {
    const readers = owner([], 3);
    readers.apply({
      stream: 'readers.0',
      epoch: 5,
      seq: 4,
      changes: [{ key: 'r1', value: { state: 'live', groups: [] } }],
    });
    expect(readers.seq).toBe(4);
    expect([...readers.entries()]).toEqual([['r1', { state: 'live', groups: [] }]]);
  });

  it.each([
    ['one too far', { stream: 'readers.0', epoch: 5, seq: 5 }],
    ['a repeated one', { stream: 'readers.0', epoch: 5, seq: 3 }],
    ['one of another epoch', { stream: 'readers.0', epoch: 6, seq: 4 }],
    ['one of another stream', { stream: 'readers.1', epoch: 5, seq: 4 }],
  ])('refuses %s, names both positions, and stays unchanged', (_which, position) => {
    const readers = owner([], 3);
    const before = readers.beacon();
    const changes = [{ key: 'r1', value: 1 }];
    expect(() => readers.apply({ ...position, changes })).toThrow(StreamOrderError);
    expect(() => readers.apply({ ...position, changes })).toThrow(
      `expected delta readers.0 epoch 5 seq 4, received ${position.stream} epoch ${position.epoch} seq ${position.seq}`,
    );
    expect(readers.beacon()).toEqual(before);
  });

  it('has the same digest as an owner in memory that made the same delta', () => {
    const [maker, taker] = [owner([['r1', live]], 3), owner([['r1', live]], 3)];
    const [delta] = maker.commit([
      { key: 'r1', value: dead },
      { key: 'r2', value: live },
    ]);
    if (delta !== undefined) taker.apply(delta);
    expect(taker.beacon()).toEqual(maker.beacon());
  });
});

describe("an owner's snapshot", () => {
  it('gives loaded entries the seq at which they were loaded, and changed ones the seq of their change', () => {
    const readers = owner(
      [
        ['r1', live],
        ['r2', live],
      ],
      3,
    );
    readers.commit([{ key: 'r2', value: dead }]);
    expect(readers.snapshot()).toEqual({
      epoch: 5,
      seq: 4,
      entries: [
        { key: 'r1', value: live, version: 3, bytes: expect.any(Number) },
        { key: 'r2', value: dead, version: 4, bytes: expect.any(Number) },
      ],
    });
  });

  it('is not affected by later changes', () => {
    const readers = owner([['r1', live]]);
    const snapshot = readers.snapshot();
    readers.commit([
      { key: 'r1', value: dead },
      { key: 'r2', value: live },
    ]);
    readers.commit([{ key: 'r1', value: null }]);
    expect(snapshot).toMatchObject({ epoch: 5, seq: 0, entries: [{ key: 'r1', value: live, version: 0 }] });
  });
});
