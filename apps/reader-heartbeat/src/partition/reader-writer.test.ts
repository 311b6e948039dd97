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
});

/** A repository that can be made unavailable. Records what was written as `id:state`. */
class Store {
  unavailable = false;
  written: string[][] = [];

  async write(_partition: number, _epoch: number, { readers, forgotten, transitions }: ReaderChanges): Promise<void> {
    if (this.unavailable) throw new Error('unavailable');
    const steps = transitions.map(({ readerId, number }) => `${readerId}#${number}`);
    if (readers.length > 0)
      this.written.push([...readers.map(({ readerId, state }) => `${readerId}:${state}`), ...steps]);
    if (forgotten.length > 0) this.written.push(forgotten.map((id) => `${id}:forgotten`));
  }

  async saveConfigs(_partition: number, _epoch: number, configs: readonly UnstoredConfig[]): Promise<void> {
    if (this.unavailable) throw new Error('unavailable');
    this.written.push(configs.map(({ readerId, json }) => `${readerId}=${json}`));
  }
}

describe('ReaderWriter', () => {
  let clock: FakeClock;
  let store: Store;
  let writer: ReaderWriter;
  let noted: number[];
  const settle = () => new Promise((resolve) => setImmediate(resolve));
  const pass = async (ms: number) => {
    clock.advance(ms);
    await settle();
  };

  beforeEach(() => {
    clock = new FakeClock();
    store = new Store();
    const logger = createLogger({ name: 'test', level: 'silent' });
    noted = [];
    const onTransitions = (transitions: readonly Transition[]) => void noted.push(transitions.length);
    writer = new ReaderWriter({ partition: 0, epoch: 1, repository: store, onTransitions, clock, logger });
  });

  it('writes a change of state at once', async () => {
    writer.changed([reader('a')], [], []);
    await pass(0);
    expect(store.written).toEqual([['a:live']]);
  });

  it('writes receive times in one batch a second', async () => {
    writer.renewed([reader('a')]);
    await pass(400);
    writer.renewed([reader('b'), reader('a')]);
    await pass(599);
    expect(store.written).toEqual([]);
    await pass(1);
    expect(store.written).toEqual([['a:live', 'b:live']]);
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
    writer.renewed([reader('a')]);
    await pass(1_000);
    expect([store.written, noted]).toEqual([[['a:live', 'a#1', 'a#2'], ['a:live']], [2]]);
  });

  it('writes a configuration once, and again when it could not be written', async () => {
    const each = { ...reader('a'), configDigest: 'd', unstoredConfig: '{}' };
    store.unavailable = true;
    writer.renewed([each]);
    await pass(1_000);
    store.unavailable = false;
    await pass(10_000);
    writer.renewed([each]);
    await pass(1_000);
    expect(store.written).toEqual([['a:live'], ['a={}'], ['a:live']]);
  });

  it('writes configurations in several statements where they are large', async () => {
    const json = `"${'x'.repeat(3_000_000)}"`;
    const readers = ['a', 'b', 'c'].map((id) => ({ ...reader(id), configDigest: id, unstoredConfig: json }));
    writer.changed(readers, [], []);
    await pass(0);
    await pass(0);
    expect(store.written.slice(1).map((configs) => configs.length)).toEqual([2, 1]);
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

  it('writes what is queued when it is closed', async () => {
    writer.renewed([reader('a')]);
    await writer.close();
    expect(store.written).toEqual([['a:live']]);
  });
});
