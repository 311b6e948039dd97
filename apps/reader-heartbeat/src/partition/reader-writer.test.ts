import { createLogger } from '@signalbox/platform';
import { FakeClock } from '@signalbox/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Reader } from '../liveness/reader.js';
import type { Transition } from '../liveness/transition.js';
import { noBeats } from '../liveness/recent-beats.rules.js';
import type { ReaderChanges, UnstoredConfig } from './persistence/reader.repository.js';
import { ReaderWriter } from './reader-writer.js';

const reader = (readerId: string, state: Reader['state'] = 'live'): Reader => ({
  readerId,
  profile: {
    consumerName: '',
    consumerGroups: [],
    modelName: '',
    modelType: '',
    device: '',
    backend: null,
    pids: [],
    waitInterval: 1,
  },
  state,
  since: { unix: 0, monotonic: 0 },
  bootId: null,
  seq: null,
  endedBoots: [],
  changes: [],
  flappingSince: null,
  receivedAt: { unix: 0, monotonic: 0 },
  recent: noBeats(),
  configDigest: null,
  unstoredConfig: undefined,
  queuedAt: NaN,
  tick: 0,
});

/** A repository that can be made unavailable. Records what was written as `id:state`, and receive times as `id@time`. */
class Store {
  unavailable = false;
  written: string[][] = [];
  /** Of each statement, also those that failed. */
  rows: number[] = [];
  /** Whether another owner has replaced the one that writes. */
  isFenced = false;

  async write(_partition: number, _epoch: number, { readers, forgotten, transitions }: ReaderChanges): Promise<void> {
    this.rows.push(Math.max(readers.length, forgotten.length, transitions.length));
    if (this.unavailable) throw new Error('unavailable');
    const steps = transitions.map(({ readerId, number }) => `${readerId}#${number}`);
    if (readers.length > 0)
      this.written.push([...readers.map(({ readerId, state }) => `${readerId}:${state}`), ...steps]);
    if (forgotten.length > 0) this.written.push(forgotten.map((id) => `${id}:forgotten`));
  }

  async renew(_partition: number, _epoch: number, readers: readonly Reader[]): Promise<number> {
    this.rows.push(readers.length);
    if (this.unavailable) throw new Error('unavailable');
    this.written.push(readers.map(({ readerId, receivedAt }) => `${readerId}@${receivedAt.monotonic}`));
    return this.isFenced ? 0 : readers.length;
  }

  async saveConfigs(_partition: number, _epoch: number, configs: readonly UnstoredConfig[]): Promise<void> {
    if (this.unavailable) throw new Error('unavailable');
    this.written.push(configs.map(({ readerId, json }) => `${readerId}=${json}`));
  }
}

describe('ReaderWriter', () => {
  let clock: FakeClock;
  let store: Store;
  let known: Map<string, Reader>;
  let writer: ReaderWriter;
  let noted: number[];
  let warned: number;
  const settle = () => new Promise((resolve) => setImmediate(resolve));
  const pass = async (ms: number) => {
    clock.advance(ms);
    await settle();
  };

  beforeEach(() => {
    clock = new FakeClock();
    store = new Store();
    known = new Map();
    const readers = {
      get size() {
        return known.size;
      },
      all: () => known.values(),
      get: (readerId: string) => known.get(readerId),
    };
    warned = 0;
    const logger = createLogger({ name: 'test', level: 'silent' });
    logger.warn = () => void (warned += 1);
    noted = [];
    const onTransitions = (transitions: readonly Transition[]) => void noted.push(transitions.length);
    writer = new ReaderWriter({ partition: 0, epoch: 1, repository: store, readers, onTransitions, clock, logger });
  });

  /** A heartbeat is received now that changes nothing. */
  const beat = (readerId: string): Reader => {
    const each = known.get(readerId) ?? reader(readerId);
    known.set(readerId, each);
    each.receivedAt.monotonic = clock.monotonic();
    writer.renewed(each);
    return each;
  };

  it('writes a change of state at once', async () => {
    writer.changed([reader('a')], [], []);
    await pass(0);
    expect(store.written).toEqual([['a:live']]);
  });

  it('writes receive times once a minute, those of some readers at a time', async () => {
    for (let second = 0; second < 60; second += 1) {
      for (let at = 0; at < 120; at += 1) beat(`r${at}`);
      await pass(1_000);
    }
    expect(store.written).toHaveLength(60);
    expect(store.written.slice(0, 2)).toEqual([
      ['r0@0', 'r1@0'],
      ['r2@1000', 'r3@1000'],
    ]);
  });

  it('writes the receive times that it could not write, as they are then, and no further ones until it can', async () => {
    store.unavailable = true;
    for (let second = 0; second < 20; second += 1) {
      for (let at = 0; at < 60; at += 1) beat(`r${at}`);
      await pass(1_000);
    }
    store.unavailable = false;
    await pass(2_000);
    expect(store.written[0]).toEqual(['r0@19000']);
    expect(Math.max(...store.rows)).toBe(1);
  });

  it('writes the receive time of the present incarnation, after its change', async () => {
    beat('a');
    await pass(59_999);
    known.set('a', reader('a', 'loading'));
    store.unavailable = true;
    writer.changed([known.get('a')!], [], []);
    await pass(1);
    beat('a');
    store.unavailable = false;
    await pass(2_000);
    await pass(0);
    expect(store.written).toEqual([['a:loading'], ['a@60000']]);
  });

  it('writes no receive time of a reader that is forgotten', async () => {
    beat('a');
    clock.advance(59_999);
    store.unavailable = true;
    await pass(1);
    known.clear();
    store.unavailable = false;
    await pass(2_000);
    expect(store.written).toEqual([]);
  });

  it('writes a change of state that occurs during a write right after that write', async () => {
    writer.changed([reader('a')], [], []);
    clock.advance(0);
    writer.changed([reader('b')], [], []);
    await settle();
    await pass(0);
    expect(store.written).toEqual([['a:live'], ['b:live']]);
  });

  it('writes the steps in the history of readers with them, once, and again when that failed', async () => {
    const step = (number: number) => ({ readerId: 'a', number }) as Transition;
    store.unavailable = true;
    writer.changed([reader('a')], [], [step(1)]);
    await pass(0);
    writer.changed([reader('a')], [], [step(2)]);
    expect(noted).toEqual([]);
    store.unavailable = false;
    await pass(10_000);
    await pass(10_000);
    expect([store.written, noted]).toEqual([[['a:live', 'a#1', 'a#2']], [2]]);
  });

  it('writes a configuration once, and again when it could not be written', async () => {
    known.set('a', { ...reader('a'), configDigest: 'd', unstoredConfig: '{}' });
    store.unavailable = true;
    beat('a');
    await pass(1_000);
    store.unavailable = false;
    await pass(10_000);
    beat('a');
    await pass(1_000);
    expect(store.written).toEqual([['a={}']]);
  });

  it('writes configurations in several statements where they are large', async () => {
    const json = `"${'x'.repeat(3_000_000)}"`;
    const readers = ['a', 'b', 'c'].map((id) => ({ ...reader(id), configDigest: id, unstoredConfig: json }));
    writer.changed(readers, [], []);
    await pass(0);
    await pass(0);
    expect(store.written.slice(1).map((configs) => configs.length)).toEqual([2, 1]);
  });

  it('warns once while writes fail', async () => {
    store.unavailable = true;
    writer.changed([reader('a')], [], []);
    for (let each = 0; each < 4; each += 1) await pass(2_000);
    expect([store.rows.length > 2, warned]).toEqual([true, 1]);
  });

  it('writes the latest state later when a write failed', async () => {
    store.unavailable = true;
    writer.changed([reader('a'), reader('gone')], [], []);
    await pass(0);
    writer.changed([reader('a', 'dead')], [reader('gone')], []);
    await pass(1_000);
    store.unavailable = false;
    await pass(10_000);
    expect(store.written).toEqual([['a:dead'], ['gone:forgotten']]);
  });

  it('does not delete a forgotten reader that registered again before the write', async () => {
    store.unavailable = true;
    writer.changed([], [reader('a')], []);
    await pass(0);
    writer.changed([reader('a')], [], []);
    store.unavailable = false;
    await pass(10_000);
    expect(store.written).toEqual([['a:live']]);
  });

  it('writes many changes in statements of a bounded size, also after a failure', async () => {
    const readers = Array.from({ length: 5_000 }, (_, at) => reader(`r${at}`));
    const steps = readers.map(({ readerId }, number) => ({ readerId, number }) as Transition);
    store.unavailable = true;
    writer.changed(readers, [], steps);
    await pass(0);
    writer.changed(readers.slice(0, 100), [], steps.slice(0, 100));
    store.unavailable = false;
    for (let second = 0; second < 5; second += 1) await pass(1_000);
    expect(store.rows).toEqual([2_000, 2_000, 2_000, 1_100]);
    expect(store.written.flat().filter((row) => row.endsWith(':live'))).toHaveLength(5_000);
    writer.changed([], readers, []);
    for (let second = 0; second < 3; second += 1) await pass(1_000);
    expect(store.rows.slice(4)).toEqual([2_000, 2_000, 1_000]);
  });

  it('writes fewer rows in one statement where their descriptions are long', async () => {
    const readers = ['a', 'b', 'c', 'd', 'e'].map((id) => {
      const each = reader(id);
      each.profile.consumerGroups = ['x'.repeat(2_048 * 900)];
      return each;
    });
    writer.changed(readers, [], []);
    await pass(0);
    await pass(0);
    await pass(0);
    expect(store.rows).toEqual([2, 2, 1]);
  });

  it('stores a configuration after the row of its reader', async () => {
    const readers = Array.from({ length: 2_001 }, (_, at) => reader(`r${at}`));
    const last = { ...readers.at(-1)!, configDigest: 'd', unstoredConfig: '{}' };
    known.set(last.readerId, last);
    writer.changed([...readers.slice(0, -1), last], [], []);
    writer.renewed(last);
    await pass(0);
    await pass(0);
    await pass(0);
    expect(store.written.slice(1)).toEqual([['r2000:live'], ['r2000={}']]);
  });

  it('writes what is queued when it is closed', async () => {
    writer.changed([reader('a')], [], []);
    await writer.close({ withReceiveTimes: false });
    expect(store.written).toEqual([['a:live']]);
  });

  it('writes all receive times that are not written yet when the process ends, in statements of a bounded size', async () => {
    for (let at = 0; at < 4_500; at += 1) beat(`r${at}`);
    await writer.close({ withReceiveTimes: true });
    expect(store.rows).toEqual([2_000, 2_000, 500]);
  });

  it('leaves the receive times to the next owner where there is one when the process ends', async () => {
    for (let at = 0; at < 4_500; at += 1) beat(`r${at}`);
    store.isFenced = true;
    await writer.close({ withReceiveTimes: true });
    expect(store.rows).toEqual([2_000]);
  });
});
