import { describe, expect, it } from 'vitest';
import { ReaderPlaces } from '../limits/reader-places.rules.js';
import type { Beat } from './beat.js';
import type { LivenessSettings } from './lease.rules.js';
import { ReaderTable } from './reader-table.rules.js';

const settings: LivenessSettings = {
  heartbeatCheckInterval: 1,
  missedBeats: 3,
  readerMessageTimeoutMs: 500,
  retentionMs: 60_000,
};

const at = (ms: number) => ({ unix: 1_795_000_000_000 + ms, monotonic: ms });

const beat = (readerId: string, seq: number, over: Partial<Beat> = {}): Beat => ({
  readerId,
  state: 'ready',
  bootId: 'boot',
  seq,
  profile: {
    consumerName: readerId,
    consumerGroups: [],
    modelName: 'm',
    modelType: 'chat',
    device: 'cpu',
    backend: null,
    pids: [],
    waitInterval: 2,
  },
  sentAt: null,
  config: null,
  countsFor: 'no-key',
  ...over,
});

const slow = (readerId: string, seq: number): Beat => {
  const base = beat(readerId, seq);
  return { ...base, profile: { ...base.profile, waitInterval: 100 } };
};

const ids = (readers: { readerId: string }[]) => readers.map((reader) => reader.readerId);

describe('ReaderTable', () => {
  it('counts its readers by state, and dates the oldest heartbeat of those that are not dead', () => {
    const table = new ReaderTable(settings, 0);
    expect(table.oldestHeartbeat()).toBe(Infinity);
    table.record(beat('a', 1), at(0));
    table.record(slow('b', 1), at(100));
    table.record({ ...slow('c', 1), state: 'loading' }, at(200));
    expect(table.oldestHeartbeat()).toBe(0);
    table.expire(at(6_500));
    expect(table.count()).toEqual({ loading: 1, live: 1, dead: 1, gone: 0 });
    expect(table.oldestHeartbeat()).toBe(100);
  });

  it('declares a reader dead after three missed intervals and the message timeout, not a millisecond before', () => {
    const table = new ReaderTable(settings, 0);
    table.record(beat('a', 1), at(1_000));
    expect(table.nextDue()).toBe(7_500);
    expect(table.expire(at(7_499)).died).toEqual([]);
    expect(ids(table.expire(at(7_500)).died)).toEqual(['a']);
    expect([...table.all()]).toMatchObject([{ state: 'dead', since: at(7_500) }]);
  });

  it('extends the lease with each heartbeat', () => {
    const table = new ReaderTable(settings, 0);
    table.record(beat('a', 1), at(0));
    table.record(beat('a', 2), at(2_000));
    expect(table.expire(at(6_500)).died).toEqual([]);
    expect(table.nextDue()).toBe(8_500);
    expect(ids(table.expire(at(8_500)).died)).toEqual(['a']);
  });

  it('uses the shorter interval of a reader at once', () => {
    const table = new ReaderTable(settings, 0);
    table.record(slow('a', 1), at(0));
    table.record(beat('a', 2), at(10));
    expect(ids(table.expire(at(6_510)).died)).toEqual(['a']);
    expect(table.expire(at(301_000)).died).toEqual([]);
  });

  it('gives each reader a full lease after a time without reception', () => {
    const table = new ReaderTable(settings, 0);
    table.record(beat('a', 1), at(0));
    table.resumeReceiving(20_000);
    expect(table.expire(at(26_499)).died).toEqual([]);
    expect(ids(table.expire(at(26_500)).died)).toEqual(['a']);
  });

  it('declares no reader dead with a check interval of 0', () => {
    const table = new ReaderTable({ ...settings, heartbeatCheckInterval: 0 }, 0);
    table.record(beat('a', 1), at(0));
    expect(table.nextDue()).toBe(Infinity);
    expect(table.expire(at(1e9)).died).toEqual([]);
  });

  it('forgets dead and deregistered readers after the retention time, and only them', () => {
    const table = new ReaderTable(settings, 0);
    table.record(beat('dead', 1), at(0));
    table.record(beat('gone', 1), at(0));
    table.record(beat('gone', 2, { state: 'stopping' }), at(10));
    table.record(slow('alive', 1), at(0));
    expect(ids(table.expire(at(6_500)).died)).toEqual(['dead']);
    expect(ids(table.expire(at(66_510)).forgotten).toSorted()).toEqual(['dead', 'gone']);
    expect(ids([...table.all()])).toEqual(['alive']);
  });

  it('keeps a dead reader for the whole retention, also when its death is found long after the last heartbeat', () => {
    const table = new ReaderTable(settings, 0);
    table.record(beat('a', 1), at(0));
    expect(ids(table.expire(at(500_000)).died)).toEqual(['a']);
    expect(table.expire(at(559_999)).forgotten).toEqual([]);
    expect(ids(table.expire(at(560_000)).forgotten)).toEqual(['a']);
  });

  it('makes a dead reader live again with a new lease', () => {
    const table = new ReaderTable(settings, 0);
    table.record(beat('a', 1), at(0));
    table.expire(at(6_500));
    table.record(beat('a', 2), at(50_000));
    expect([...table.all()]).toMatchObject([{ state: 'live' }]);
    expect(table.expire(at(56_499)).died).toEqual([]);
    expect(ids(table.expire(at(56_500)).died)).toEqual(['a']);
  });

  it('ends the flapping of a reader that is quiet for ten leases, and finds out by itself', () => {
    const table = new ReaderTable({ ...settings, heartbeatCheckInterval: 0 }, 0);
    const flap = (seq: number) => table.record(beat('a', seq, { state: seq % 2 === 0 ? 'ready' : 'loading' }), at(seq));
    [0, 1, 2, 3].forEach(flap);
    expect([...table.all()]).toMatchObject([{ flappingSince: null }]);
    flap(4);
    expect([...table.all()]).toMatchObject([{ flappingSince: at(4) }]);
    expect(table.nextDue()).toBe(65_004);
    expect(table.expire(at(65_003)).calmed).toEqual([]);
    expect(ids(table.expire(at(65_004)).calmed)).toEqual(['a']);
    expect([...table.all()]).toMatchObject([{ state: 'live', flappingSince: null }]);
    expect(table.nextDue()).toBe(Infinity);
  });

  it('does not take two graceful restarts for flapping', () => {
    const table = new ReaderTable(settings, 0);
    const restart = (bootId: string, ms: number): void => {
      table.record(beat('a', 0, { bootId, state: 'loading' }), at(ms));
      table.record(beat('a', 1, { bootId, state: 'ready' }), at(ms + 100));
      table.record(beat('a', 2, { bootId, state: 'stopping' }), at(ms + 200));
    };
    ['one', 'two', 'three'].forEach((bootId, index) => restart(bootId, index * 1_000));
    table.record(beat('a', 0, { bootId: 'four', state: 'ready' }), at(3_000));
    expect([...table.all()]).toMatchObject([{ state: 'live', flappingSince: null }]);
  });

  it('counts deaths as changes of state', () => {
    const table = new ReaderTable(settings, 0);
    [0, 6_500, 7_000, 13_500].forEach((ms, seq) => {
      if (seq % 2 === 0) table.record(beat('a', seq), at(ms));
      else table.expire(at(ms));
    });
    table.record(beat('a', 4), at(14_000));
    expect([...table.all()]).toMatchObject([{ state: 'live', flappingSince: at(14_000) }]);
    expect(ids(table.expire(at(20_500)).died)).toEqual(['a']);
    expect(table.expire(at(20_500 + 59_999)).calmed).toEqual([]);
    expect(table.nextDue()).toBe(20_500 + 60_000);
  });

  it('adds no reader for which there is no place, and goes on with those that it knows', () => {
    const table = new ReaderTable(settings, 0, new ReaderPlaces({ all: 2, perKey: 10 }));
    table.record(beat('a', 1), at(0));
    table.record(slow('b', 1), at(0));
    expect(table.record(beat('c', 1), at(0))).toEqual({ kind: 'no-place', limit: 'all' });
    expect(table.record(beat('a', 2), at(1))).toMatchObject({ kind: 'renewed' });
    expect(ids([...table.all()])).toEqual(['a', 'b']);
  });

  it('gives the place of a reader to another one when it is forgotten, not when it is dead or deregistered', () => {
    const table = new ReaderTable(settings, 0, new ReaderPlaces({ all: 2, perKey: 10 }));
    const hasPlace = (ms: number): boolean =>
      table.record(beat('c', 1, { state: 'stopping' }), at(ms)).kind === 'changed';
    table.record(beat('a', 1), at(0));
    table.record(slow('b', 1), at(0));
    expect(ids(table.expire(at(6_500)).died)).toEqual(['a']);
    expect(hasPlace(6_501)).toBe(false);
    table.expire(at(66_500));
    expect(hasPlace(66_501)).toBe(true);
    table.remove('b');
    expect(table.record(beat('d', 1), at(66_502)).kind).toBe('changed');
    expect(table.record(beat('e', 1), at(66_503)).kind).toBe('no-place');
  });

  it('counts the readers that an earlier owner stored, also beyond the limits', () => {
    const earlier = new ReaderTable(settings, 0);
    for (const readerId of ['a', 'b', 'c']) earlier.record(beat(readerId, 1), at(0));
    const table = new ReaderTable(settings, 0, new ReaderPlaces({ all: 2, perKey: 10 }));
    table.restore(earlier.all());
    expect(table.size).toBe(3);
    table.remove('a');
    expect(table.record(beat('d', 1), at(1)).kind).toBe('no-place');
    expect(table.record(beat('b', 2), at(1)).kind).toBe('renewed');
  });

  it('counts a reader with a long description as several, also when it becomes long', () => {
    const table = new ReaderTable(settings, 0, new ReaderPlaces({ all: 5, perKey: 10 }));
    const { profile } = beat('a', 1);
    const long = { profile: { ...profile, pids: Array.from({ length: 500 }, () => 1) } };
    expect(table.record(beat('a', 1), at(0)).kind).toBe('changed');
    // 6,000 characters take three places.
    expect(table.record(beat('b', 1, long), at(0)).kind).toBe('changed');
    expect(table.record(beat('c', 1, long), at(0))).toEqual({ kind: 'no-place', limit: 'all' });
    expect(table.record(beat('a', 2, long), at(0))).toMatchObject({ kind: 'renewed', limit: 'all' });
    expect(table.record(beat('a', 3), at(1)).kind).toBe('renewed');
    expect(table.record(beat('b', 2), at(1)).kind).toBe('changed');
    expect(table.record(beat('a', 4, long), at(1)).kind).toBe('changed');
    expect([...table.places()]).toEqual([
      ['a', 3],
      ['b', 1],
    ]);
    table.remove('a');
    expect(table.record(beat('c', 1, long), at(2)).kind).toBe('changed');
  });

  it('goes on with a reader whose description has become too long for the places that are left', () => {
    const table = new ReaderTable(settings, 0, new ReaderPlaces({ all: 1, perKey: 1 }));
    const { profile } = beat('a', 1);
    const long = { profile: { ...profile, pids: Array.from({ length: 500 }, () => 1), waitInterval: 1 } };
    table.record(beat('a', 1), at(0));
    expect(table.record(beat('a', 2, long), at(5_000))).toMatchObject({ kind: 'changed', limit: 'all' });
    expect(table.get('a')).toMatchObject({
      state: 'live',
      receivedAt: at(5_000),
      profile: { pids: [], waitInterval: 1 },
    });
    expect(table.nextDue()).toBe(8_500);
    table.record(beat('a', 3, { ...long, state: 'stopping' }), at(6_000));
    expect(table.get('a')).toMatchObject({ state: 'gone' });
    expect([...table.places()]).toEqual([['a', 1]]);
  });

  it('looks at some of the deadlines that were postponed, and says so', () => {
    const table = new ReaderTable(settings, 0);
    const many = Array.from({ length: 2_500 }, (_, n) => `r${n}`);
    for (const id of many) table.record(beat(id, 1), at(0));
    table.resumeReceiving(1_000);
    const seen = [1, 2, 3].map(() => table.nextDue());
    expect(seen).toEqual([undefined, undefined, 7_500]);
    expect([1, 2, 3].map(() => table.expire(at(7_500)).died.length)).toEqual([1_000, 1_000, 500]);
    expect(table.count()).toMatchObject({ dead: 2_500, live: 0 });
  });

  it('agrees with a scan over all readers, for any history', () => {
    const table = new ReaderTable(settings, 0);
    const receivedAt = new Map<string, number>();
    const diedAt = new Map<string, number>();
    let seed = 7;
    const random = (n: number) => (seed = (seed * 48_271) % 2_147_483_647) % n;
    for (let now = 0, seq = 0; now < 600_000; now += 100 + random(900), seq++) {
      const id = `r${random(40)}`;
      table.record(beat(id, seq), at(now));
      receivedAt.set(id, now);
      diedAt.delete(id);
      table.expire(at(now));
      const dead = [...table.all()].filter((reader) => reader.state === 'dead').map((reader) => reader.readerId);
      for (const [each, last] of receivedAt) if (last + 6_500 <= now && !diedAt.has(each)) diedAt.set(each, now);
      const silent = [...diedAt].filter(([, died]) => died + 60_000 > now).map(([each]) => each);
      expect(dead.toSorted()).toEqual(silent.toSorted());
    }
  });
});
