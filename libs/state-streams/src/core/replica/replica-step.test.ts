import type { SnapshotPage, StreamBeacon, StreamChange, StreamDelta } from '@signalbox/contracts/streams';
import { describe, expect, it } from 'vitest';
import { StreamDigest } from '../digest.js';
import type { ReplicaEffect } from './replica-effect.js';
import type { ReplicaInput } from './replica-input.js';
import { createReplica, type ReplicaState } from './replica-state.js';
import { step } from './replica-step.js';

/** Of each kind of input by itself, which `Omit` on the union would not give. */
type WithoutTime<I = ReplicaInput> = I extends unknown ? Omit<I, 'at'> : never;

/** A replica, and what it asked for with the last input. */
class Driver {
  effects: readonly ReplicaEffect[] = [];
  constructor(public state: ReplicaState = createReplica({ maxBufferedDeltas: 3 })) {}

  tell(input: WithoutTime, at = 0): this {
    ({ state: this.state, effects: this.effects } = step(this.state, { ...input, at } as ReplicaInput));
    return this;
  }

  delta(epoch: number, seq: number, changes: StreamChange[] = [{ key: 'a', value: seq }], at = 0): this {
    const delta: StreamDelta = { stream: 's', epoch, seq, changes };
    return this.tell({ type: 'delta', delta }, at);
  }

  beacon(epoch: number, seq: number, digest = this.state.digest.toString(), at = 0): this {
    const beacon: StreamBeacon = { stream: 's', epoch, seq, digest };
    return this.tell({ type: 'beacon', beacon }, at);
  }

  page(epoch: number, seq: number, more: Partial<SnapshotPage> = {}): this {
    const entries = [{ key: 'a', value: 'old', version: seq }];
    const page: SnapshotPage = {
      stream: 's',
      snapshot_id: `${epoch}.${seq}`,
      epoch,
      seq,
      page: 0,
      pages: 1,
      entries,
      ...more,
    };
    return this.tell({ type: 'page', page });
  }

  get shown(): Record<string, unknown> {
    return Object.fromEntries([...this.state.entries].map(([key, { value }]) => [key, value]));
  }
}

/** Live at epoch 5, seq 10, with {a: 'old'}. */
const live = (): Driver => new Driver().tell({ type: 'bound' }).page(5, 10);

const soon = { type: 'retry-in', ms: [50, 250] };
const resync = (reason: string) => ({ type: 'resync', reason });

describe('the first sync', () => {
  it('asks at once when bound, and shows nothing before the last page', () => {
    const replica = new Driver().tell({ type: 'bound' });
    expect(replica.effects).toEqual([resync('bound'), { type: 'request-page', page: 0 }]);
    replica.page(5, 10, { pages: 2 });
    expect(replica.effects).toEqual([{ type: 'request-page', snapshotId: '5.10', page: 1 }]);
    expect(replica.state).toMatchObject({ phase: 'syncing', hadSnapshot: false, revision: 0 });
    replica.page(5, 10, { page: 1, pages: 2, entries: [{ key: 'b', value: 1, version: 3 }] });
    expect(replica.effects).toEqual([{ type: 'reset' }]);
    expect(replica.state).toMatchObject({ phase: 'live', hadSnapshot: true, revision: 1, epoch: 5, seq: 10 });
    expect(replica.shown).toEqual({ a: 'old', b: 1 });
  });

  it('puts buffered deltas on top of the snapshot, whatever order they came in', () => {
    const replica = new Driver()
      .tell({ type: 'bound' })
      .delta(5, 12)
      .delta(5, 10)
      .delta(5, 11)
      .delta(5, 12)
      .page(5, 10);
    expect(replica.state).toMatchObject({ phase: 'live', seq: 12 });
    expect(replica.shown).toEqual({ a: 12 });
    expect(replica.state.entries.get('a')?.version).toBe(12);
  });

  it('shows a snapshot that the buffer does not follow on, and asks again', () => {
    const replica = new Driver().tell({ type: 'bound' }).delta(5, 12).page(5, 10);
    expect(replica.effects).toEqual([{ type: 'reset' }, resync('gap'), soon]);
    expect(replica.state).toMatchObject({ phase: 'syncing', hadSnapshot: true, seq: 10 });
    replica.tell({ type: 'retry' }).page(5, 11);
    expect(replica.state).toMatchObject({ phase: 'live', seq: 12 });
  });

  it('believes nothing while no queue is bound', () => {
    const replica = new Driver().delta(5, 1).beacon(5, 1).page(5, 1).tell({ type: 'retry' });
    expect(replica.state).toEqual(createReplica({ maxBufferedDeltas: 3 }));
  });

  it('starts over when more deltas come than it keeps', () => {
    const replica = new Driver().tell({ type: 'bound' }).delta(5, 1).delta(5, 2).delta(5, 3);
    expect(replica.effects).toEqual([]);
    expect(replica.delta(5, 4).effects).toEqual([resync('buffer-overflow'), soon]);
    expect(replica.page(5, 4).state.phase).toBe('syncing');
    expect(replica.tell({ type: 'retry' }).page(5, 4).state).toMatchObject({ phase: 'live', seq: 4 });
  });
});

describe('pages that do not fit', () => {
  const half = () => new Driver().tell({ type: 'bound' }).page(5, 10, { pages: 3 });

  it.each<[string, number, number, Partial<SnapshotPage>]>([
    ['of another snapshot', 5, 10, { snapshot_id: 'x', page: 1, pages: 3 }],
    ['of another seq', 5, 11, { snapshot_id: '5.10', page: 1, pages: 3 }],
    ['of another number of pages', 5, 10, { page: 1, pages: 2 }],
    ['out of order', 5, 10, { page: 2, pages: 3 }],
  ])('%s: start over', (_which, epoch, seq, more) => {
    expect(half().page(epoch, seq, more).effects).toEqual([resync('snapshot-mixed'), soon]);
  });

  it('a page given twice is ignored', () => {
    const replica = half().page(5, 10, { pages: 3 });
    expect(replica.effects).toEqual([]);
    expect(replica.page(5, 10, { page: 1, pages: 3 }).effects).toEqual([
      { type: 'request-page', snapshotId: '5.10', page: 2 },
    ]);
  });

  it('of an owner that has been replaced: refused and asked again', () => {
    const replica = new Driver().tell({ type: 'bound' }).beacon(6, 1, '0'.repeat(16)).page(5, 10);
    expect(replica.effects).toEqual([resync('snapshot-outdated'), soon]);
    expect(replica.state.hadSnapshot).toBe(false);
  });

  it('of a new owner, in the middle of the old one: start over', () => {
    expect(half().page(6, 1, { page: 1, pages: 3 }).effects).toEqual([resync('new-epoch'), soon]);
  });

  it('older than what is shown: refused', () => {
    const replica = live().delta(5, 11).delta(5, 13).tell({ type: 'retry' }).page(5, 10);
    expect(replica.effects).toEqual([resync('snapshot-outdated'), { type: 'retry-in', ms: [100, 500] }]);
    expect(replica.shown).toEqual({ a: 11 });
  });
});

describe('a live replica', () => {
  it('applies the next delta and tells what can be seen of it', () => {
    const replica = live().delta(5, 11, [
      { key: 'b', value: 1 },
      { key: 'c', value: null },
      { key: 'a', value: null },
    ]);
    expect(replica.effects).toEqual([
      {
        type: 'changed',
        changes: [
          { key: 'b', value: 1 },
          { key: 'a', value: null },
        ],
      },
    ]);
    expect(replica.state).toMatchObject({ phase: 'live', seq: 11, revision: 2 });
    expect(replica.shown).toEqual({ b: 1 });
  });

  it('moves on without a word when a delta changes nothing', () => {
    const replica = live().delta(5, 11, []);
    expect(replica.effects).toEqual([]);
    expect(replica.state).toMatchObject({ seq: 11, revision: 1 });
  });

  it('ignores duplicates and owners that have been replaced', () => {
    const replica = live().delta(5, 10).delta(5, 3).delta(4, 11).beacon(4, 99);
    expect(replica.effects).toEqual([]);
    expect(replica.state).toMatchObject({ phase: 'live', seq: 10 });
    expect(replica.shown).toEqual({ a: 'old' });
  });

  it.each<[string, (replica: Driver) => Driver]>([
    ['gap', (replica) => replica.delta(5, 12)],
    ['new-epoch', (replica) => replica.delta(6, 11)],
    ['new-epoch', (replica) => replica.beacon(6, 10)],
    ['beacon-ahead', (replica) => replica.beacon(5, 11)],
    ['beacon-behind', (replica) => replica.beacon(5, 9).beacon(5, 9)],
    ['digest-mismatch', (replica) => replica.beacon(5, 10, new StreamDigest().toString())],
  ])('%s: resyncs after a delay, and goes on showing what it had', (reason, fault) => {
    const replica = fault(live());
    expect(replica.effects).toEqual([resync(reason), soon]);
    expect(replica.state).toMatchObject({ phase: 'syncing', hadSnapshot: true, epoch: 5, seq: 10, revision: 1 });
    expect(replica.shown).toEqual({ a: 'old' });
    expect(replica.tell({ type: 'retry' }).effects).toEqual([{ type: 'request-page', page: 0 }]);
  });

  it('keeps the delta that showed the gap', () => {
    const replica = live().delta(5, 12).tell({ type: 'retry' }).page(5, 11);
    expect(replica.state).toMatchObject({ phase: 'live', seq: 12 });
  });

  it('forgives one beacon below it, and counts anew after one that agrees', () => {
    const replica = live().beacon(5, 9).beacon(5, 10).beacon(5, 9);
    expect(replica.state).toMatchObject({ phase: 'live', seq: 10 });
  });

  it('knows when its owner was last heard', () => {
    const replica = live();
    expect(replica.state.lastReceivedAt).toBeUndefined();
    expect(replica.beacon(5, 10, undefined, 70).state.lastReceivedAt).toBe(70);
    expect(replica.delta(5, 11, [], 80).beacon(4, 99, undefined, 90).state.lastReceivedAt).toBe(80);
  });

  it('takes over a restored owner: lower seq, higher epoch', () => {
    const replica = live().beacon(6, 2).tell({ type: 'retry' }).page(6, 2, { entries: [] });
    expect(replica.state).toMatchObject({ phase: 'live', epoch: 6, seq: 2 });
    expect(replica.shown).toEqual({});
  });
});

describe('an owner or a broker that is away', () => {
  const fail = (replica: Driver) => replica.tell({ type: 'snapshot-failed', reason: 'timeout' });

  it('is asked again after delays that grow to 5 s', () => {
    const replica = new Driver().tell({ type: 'bound' });
    const delays = Array.from({ length: 7 }, () => {
      const [effect] = fail(replica).effects;
      replica.tell({ type: 'retry' });
      return effect?.type === 'retry-in' ? effect.ms : undefined;
    });
    expect(delays).toEqual([
      [50, 250],
      [100, 500],
      [200, 1000],
      [400, 2000],
      [800, 4000],
      [1000, 5000],
      [1000, 5000],
    ]);
  });

  it('is asked soon again only after a beacon has confirmed what we have', () => {
    const replica = fail(new Driver().tell({ type: 'bound' }))
      .tell({ type: 'retry' })
      .page(5, 10);
    expect(replica.beacon(5, 10, 'f'.repeat(16)).effects).toEqual([
      resync('digest-mismatch'),
      { type: 'retry-in', ms: [100, 500] },
    ]);
    replica.tell({ type: 'retry' }).page(5, 10).beacon(5, 10);
    expect(replica.delta(5, 12).effects).toEqual([resync('gap'), soon]);
  });

  it('has one delay running, and no answer counts during it', () => {
    const replica = fail(live().delta(5, 12).tell({ type: 'retry' }));
    expect(fail(replica).effects).toEqual([]);
    expect(replica.page(5, 11).effects).toEqual([]);
    expect(replica.tell({ type: 'retry' }).tell({ type: 'retry' }).effects).toEqual([]);
  });

  it('is asked at once when a queue was bound anew, though nobody said that the old one was lost', () => {
    for (const replica of [live(), live().delta(5, 12), live().delta(5, 12).tell({ type: 'retry' })]) {
      expect(replica.tell({ type: 'bound' }).effects).toEqual([resync('bound'), { type: 'request-page', page: 0 }]);
      expect(replica.page(5, 12).state).toMatchObject({ phase: 'live', seq: 12 });
    }
  });

  it('leaves the content readable, and is asked at once when bound again', () => {
    const replica = live().tell({ type: 'unbound' }).delta(5, 11);
    expect(replica.state).toMatchObject({ phase: 'waiting', hadSnapshot: true, seq: 10 });
    expect(replica.shown).toEqual({ a: 'old' });
    expect(replica.tell({ type: 'bound' }).effects).toEqual([resync('bound'), { type: 'request-page', page: 0 }]);
    expect(replica.shown).toEqual({ a: 'old' });
    expect(replica.page(5, 14).shown).toEqual({ a: 'old' });
    expect(replica.state).toMatchObject({ phase: 'live', seq: 14, revision: 2 });
  });
});
