import { createLogger, LoopTurns } from '@signalbox/platform';
import { eventually, FakeClock } from '@signalbox/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Beat } from '../liveness/beat.js';
import { ReaderPlaces } from '../limits/reader-places.rules.js';
import { ReaderTable } from '../liveness/reader-table.rules.js';
import type { Reader } from '../liveness/reader.js';
import { noBeats } from '../liveness/recent-beats.rules.js';
import { Newcomers } from './newcomers.js';
import type { ReaderElsewhere } from './persistence/move.repository.js';
import { ReaderPartition } from './reader-partition.js';

const SETTINGS = { heartbeatCheckInterval: 1, missedBeats: 3, readerMessageTimeoutMs: 500, retentionMs: 60_000 };
const profile = {
  consumerName: '',
  consumerGroups: [],
  modelName: '',
  modelType: '',
  device: '',
  backend: null,
  pids: [],
  waitInterval: 10,
};
const AT = { unix: 10_000, monotonic: 10_000 };

const beat = (readerId: string, bootId: string, state: Beat['state'] = 'ready'): Beat => ({
  readerId,
  state,
  bootId,
  seq: null,
  profile,
  sentAt: null,
  config: null,
  countsFor: 'no-key',
});

const elsewhere = (readerId: string, over: Partial<Reader> = {}): ReaderElsewhere => ({
  partition: 3,
  reader: {
    readerId,
    profile,
    state: 'live',
    since: { unix: 1_000, monotonic: 1_000 },
    bootId: 'present',
    seq: null,
    endedBoots: ['ended'],
    changes: [],
    flappingSince: null,
    receivedAt: { unix: 9_000, monotonic: 9_000 },
    recent: noBeats(),
    configDigest: null,
    unstoredConfig: undefined,
    queuedAt: NaN,
    tick: 0,
    ...over,
  },
});

/** The rows of other partitions, in a database that can hold back its answers. */
class Store {
  readonly rows = new Map<string, ReaderElsewhere[]>();
  readonly asked: string[][] = [];
  readonly moved: string[][] = [];
  isUnavailable = false;
  /** Only readings are answered. */
  movesNothing = false;
  private gate: Promise<void> = Promise.resolve();

  hold(): () => void {
    let open = (): void => undefined;
    this.gate = new Promise((resolve) => (open = resolve));
    return () => open();
  }

  async elsewhere(_: number, ids: readonly string[]): Promise<ReaderElsewhere[]> {
    this.asked.push([...ids]);
    await this.gate;
    if (this.isUnavailable) throw new Error('unavailable');
    return ids.flatMap((id) => this.rows.get(id) ?? []);
  }

  async move(_: number, __: number, ids: readonly string[]): Promise<number> {
    if (this.isUnavailable || this.movesNothing) throw new Error('unavailable');
    this.moved.push([...ids]);
    return ids.length;
  }
}

describe('newcomers of a partition', () => {
  let store: Store;
  let table: ReaderTable;
  let newcomers: Newcomers;
  let partition: ReaderPartition;
  const clock = new FakeClock();
  /** Two turns of the event loop: a statement that fails is waited for one more. */
  const passed = async (): Promise<void> => {
    for (let turn = 0; turn < 2; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  };
  const keep = (...beats: Beat[]) => newcomers.keep(beats, AT, () => undefined);

  beforeEach(() => {
    store = new Store();
    table = new ReaderTable(SETTINGS, 0);
    start();
  });

  function start(): void {
    partition = new ReaderPartition({
      stream: 'readers.0',
      epoch: 5,
      table,
      settings: { heartbeat_check_interval: 1, reader_message_timeout_ms: 500, missed_beats: 3, partitions: 4 },
      listener: { committed: () => undefined, changed: () => undefined, renewed: () => undefined },
    });
    const logger = createLogger({ name: 'test', level: 'silent' });
    const onApplied = (): void => undefined;
    newcomers = new Newcomers({
      number: 0,
      epoch: 5,
      table,
      partition,
      moves: store,
      onApplied,
      clock,
      logger,
      turns: new LoopTurns(),
    });
  }

  it('are new readers where no other partition knows them', async () => {
    expect(keep(beat('a', 'b1'))).toEqual([]);
    await passed();
    expect(table.get('a')).toMatchObject({ state: 'live', since: AT });
    expect(store.moved).toEqual([]);
  });

  it('come over with all that is known of them', async () => {
    store.rows.set('a', [elsewhere('a')]);
    keep(beat('a', 'present'));
    await passed();
    expect(store.moved).toEqual([['a']]);
    expect(table.get('a')).toMatchObject({ since: { unix: 1_000 }, endedBoots: ['ended'], receivedAt: AT });
  });

  it('come from the partition that received the last heartbeat, where several know them', async () => {
    store.rows.set('a', [
      elsewhere('a', { since: { unix: 7, monotonic: 7 } }),
      elsewhere('a', { receivedAt: { unix: 1, monotonic: 1 } }),
    ]);
    keep(beat('a', 'present'));
    await passed();
    expect(table.get('a')?.since.unix).toBe(7);
  });

  it.each([
    ['a late heartbeat of an ended incarnation', beat('a', 'ended')],
    ['the deregistration of another incarnation', beat('a', 'earlier', 'stopping')],
  ])('stay where they are after %s', async (_, late) => {
    store.rows.set('a', [elsewhere('a')]);
    keep(late);
    await passed();
    expect(table.get('a')).toBeUndefined();
    expect(store.moved).toEqual([]);
  });

  it('do not hold up the readers that are known, and keep their own order', async () => {
    partition.record([beat('known', 'b1')], AT);
    const answer = store.hold();
    const known = beat('known', 'b1');
    expect(keep(beat('a', 'b1', 'loading'), known)).toEqual([known]);
    await passed();
    expect(keep(beat('a', 'b1'), known)).toEqual([known]);
    answer();
    await passed();
    expect(table.get('a')?.state).toBe('live');
    expect(store.asked).toEqual([['a']]);
    // From now on it is known.
    expect(keep(beat('a', 'b1'))).toHaveLength(1);
  });

  it('are new without the database, and are looked up again when it is back', async () => {
    store.isUnavailable = true;
    store.rows.set('a', [elsewhere('a')]);
    keep(beat('a', 'present'));
    await passed();
    expect(table.get('a')?.since).toEqual(AT);
    await expect(newcomers.retry()).rejects.toThrow('unavailable');
    store.isUnavailable = false;
    await newcomers.retry();
    await newcomers.retry();
    expect(store.moved).toEqual([['a']]);
  });

  it('are new when the database does not answer in time', async () => {
    store.hold();
    keep(beat('a', 'b1'));
    await passed();
    expect(table.get('a')).toBeUndefined();
    clock.advance(5_000);
    await eventually(() => table.get('a') !== undefined);
    expect(table.get('a')?.state).toBe('live');
  });

  it('are not waited for portion by portion when the database does not answer', async () => {
    store.hold();
    keep(...Array.from({ length: 3_000 }, (_, each) => beat(`reader-${each}`, 'b1')));
    clock.advance(5_000);
    await eventually(() => table.size === 3_000);
    expect(store.asked).toHaveLength(1);
  });

  it('come over in the turn in which their heartbeats are applied, however many there are', async () => {
    const ids = Array.from({ length: 2_500 }, (_, each) => `reader-${each}`);
    for (const id of ids) store.rows.set(id, [elsewhere(id, { receivedAt: { unix: 1, monotonic: 1 } })]);
    const silent: string[] = [];
    const adopt = partition.adopt.bind(partition);
    partition.adopt = (readers) => {
      adopt(readers);
      queueMicrotask(() => silent.push(...partition.expire({ unix: 90_000, monotonic: 90_000 }).died.map(String)));
    };
    newcomers.keep(
      ids.map((id) => beat(id, 'present')),
      { unix: 89_000, monotonic: 89_000 },
      () => undefined,
    );
    await eventually(() => table.size === 2_500);
    expect(silent).toEqual([]);
  });

  it('are adopted and applied in portions, with other work between them', async () => {
    const ids = Array.from({ length: 2_500 }, (_, each) => `reader-${each}`);
    for (const id of ids) store.rows.set(id, [elsewhere(id)]);
    const sizes = new Set<number>();
    const watch = (): void => {
      sizes.add(table.size);
      if (table.size < 2_500) setImmediate(watch);
    };
    watch();
    keep(...ids.map((id) => beat(id, 'present')));
    await eventually(() => table.size === 2_500);
    await passed();
    expect([...sizes]).toEqual([0, 1_000, 2_000, 2_500]);
  });

  it('keep their order while others of the same time are still looked up', async () => {
    const states: string[] = [];
    const record = partition.record.bind(partition);
    partition.record = (beats, at) => {
      for (const { readerId, state } of beats) if (readerId === 'reader-0') states.push(state);
      return record(beats, at);
    };
    const answerFirst = store.hold();
    keep(...Array.from({ length: 1_500 }, (_, each) => beat(`reader-${each}`, 'b1', 'loading')));
    keep(beat('reader-0', 'b1'));
    await passed();
    const answerOthers = store.hold();
    answerFirst();
    await eventually(() => store.asked.length === 2);
    expect([table.size, states]).toEqual([1_000, ['loading']]);
    // Its second heartbeat waits still.
    expect(keep(beat('reader-0', 'b1', 'stopping'))).toEqual([]);
    answerOthers();
    await eventually(() => states.length === 3);
    expect(states).toEqual(['loading', 'ready', 'stopping']);
  });

  it('have one statement in the database at a time, also where it was not waited for to its end', async () => {
    const answer = store.hold();
    keep(beat('a', 'b1'));
    await passed();
    clock.advance(5_000);
    await eventually(() => table.get('a') !== undefined);
    keep(beat('b', 'b1'));
    await passed();
    expect(store.asked).toEqual([['a']]);
    answer();
    await eventually(() => table.get('b') !== undefined);
    expect(store.asked).toEqual([['a'], ['b']]);
  });

  it('wait for an answer that is here when the time is over', async () => {
    store.rows.set('a', [elsewhere('a')]);
    const answer = store.hold();
    keep(beat('a', 'present'));
    await passed();
    clock.advance(5_000);
    answer();
    await eventually(() => table.get('a') !== undefined);
    expect([store.moved, table.get('a')?.since.unix]).toEqual([[['a']], 1_000]);
  });

  it('are reported when their heartbeats are applied', async () => {
    const done: string[] = [];
    newcomers.whenLookedUp(() => done.push('none waits'));
    const answer = store.hold();
    keep(beat('a', 'b1'));
    newcomers.whenLookedUp(() => done.push(`a is ${table.get('a')?.state}`));
    await passed();
    expect(done).toEqual(['none waits']);
    answer();
    await passed();
    expect(done).toEqual(['none waits', 'a is live']);
  });

  it('are not reported while some could not be looked up', async () => {
    let times = 0;
    store.isUnavailable = true;
    keep(beat('a', 'b1'));
    newcomers.whenLookedUp(() => (times += 1));
    await passed();
    newcomers.whenLookedUp(() => (times += 1));
    expect(times).toBe(0);
    store.isUnavailable = false;
    await newcomers.retry();
    newcomers.whenLookedUp(() => (times += 1));
    expect(times).toBe(1);
  });

  it('do not take readers along later that stayed where they are', async () => {
    store.rows.set('a', [elsewhere('a')]);
    store.rows.set('b', [elsewhere('b')]);
    store.movesNothing = true;
    keep(beat('a', 'present'), beat('b', 'ended'));
    await passed();
    store.movesNothing = false;
    await newcomers.retry();
    expect(store.moved).toEqual([['a']]);
  });

  it('that were inherited while they were looked up are not added twice', async () => {
    const limits = new ReaderPlaces({ all: 2, perKey: 2 });
    table = new ReaderTable(SETTINGS, 0, limits);
    start();
    const answer = store.hold();
    store.rows.set('a', [elsewhere('a')]);
    keep(beat('a', 'present'));
    partition.adopt([elsewhere('a').reader]);
    answer();
    await passed();
    table.remove('a');
    expect(limits.fullFor('b', 'no-key', 0, 2)).toBeUndefined();
  });

  it('are forgotten with the ownership of the partition', async () => {
    const answer = store.hold();
    keep(beat('a', 'b1'));
    newcomers.close();
    answer();
    await passed();
    expect(table.get('a')).toBeUndefined();
  });
});
