import type { SnapshotPage, StreamBeacon, StreamChange, StreamDelta } from '@signalbox/contracts/streams';
import { describe, expect, it } from 'vitest';
import { Shown } from '../../../test/core/shown.js';
import { StreamDigest } from '../digest.js';
import type { ReplicaEffect } from './replica-effect.js';
import type { ReplicaInput } from './replica-input.js';
import { createReplica, type ReplicaState } from './replica-state.js';
import { step } from './replica-step.js';

/** Of each kind of input by itself, which `Omit` on the union would not give. */
type WithoutTime<I = ReplicaInput> = I extends unknown ? Omit<I, 'at' | 'maxEpoch'> : never;

const MAX_EPOCH = 1_000;

/** A replica with the effects of its last input. */
class Driver {
  effects: readonly ReplicaEffect[] = [];
  private readonly runner = new Shown();
  constructor(public state: ReplicaState = createReplica({ maxBufferedDeltas: 3 })) {}

  give(input: WithoutTime, at = 0): this {
    ({ state: this.state, effects: this.effects } = step(this.state, {
      ...input,
      at,
      maxEpoch: MAX_EPOCH,
    } as ReplicaInput));
    for (const effect of this.effects) this.runner.perform(effect);
    return this;
  }

  delta(epoch: number, seq: number, changes: StreamChange[] = [{ key: 'a', value: seq }], at = 0): this {
    const delta: StreamDelta = { stream: 's', epoch, seq, changes };
    return this.give({ type: 'delta', delta }, at);
  }

  beacon(epoch: number, seq: number, digest = this.state.digest.toString(), at = 0): this {
    const beacon: StreamBeacon = { stream: 's', epoch, seq, digest };
    return this.give({ type: 'beacon', beacon }, at);
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
    return this.give({ type: 'page', page });
  }

  get shown(): Record<string, unknown> {
    return Object.fromEntries(this.runner.content);
  }
}

/** Live at epoch 5, seq 10, with {a: 'old'}. */
const live = (): Driver => new Driver().give({ type: 'bound' }).page(5, 10);

const soon = { type: 'retry-in', ms: [50, 250] };
const resync = (reason: string) => ({ type: 'resync', reason });

describe('an epoch above the highest that an owner may have', () => {
  const ahead = MAX_EPOCH + 1;
  const refused = { type: 'epoch-refused', epoch: ahead };

  it('is ignored, whatever it comes with', () => {
    for (const replica of [live().beacon(ahead, 0, '0'), live().delta(ahead, 1)]) {
      expect(replica.effects).toEqual([refused]);
      expect(replica.state).toMatchObject({ phase: 'live', epoch: 5, seq: 10, highestEpoch: 5 });
      expect(replica.delta(5, 11).shown).toEqual({ a: 11 });
    }
    const syncing = new Driver().give({ type: 'bound' }).page(ahead, 1);
    expect(syncing.effects).toEqual([refused, soon]);
    expect(syncing.give({ type: 'retry' }).page(5, 10).shown).toEqual({ a: 'old' });
  });

  it('is taken up to that bound', () => {
    expect(live().beacon(MAX_EPOCH, 0, '0').state.highestEpoch).toBe(MAX_EPOCH);
  });
});

describe('the first sync', () => {
  it('requests a snapshot at once when bound, and shows nothing before the last page', () => {
    const replica = new Driver().give({ type: 'bound' });
    expect(replica.effects).toEqual([resync('bound'), { type: 'request-page', page: 0 }]);
    replica.page(5, 10, { pages: 2 });
    expect(replica.effects).toEqual([
      { type: 'request-page', snapshotId: '5.10', page: 1 },
      { type: 'assembled', entries: [{ key: 'a', value: 'old', version: 10 }], isFirst: true },
    ]);
    expect(replica.state).toMatchObject({ phase: 'syncing', hadSnapshot: false, revision: 0 });
    const entries = [{ key: 'b', value: 1, version: 3 }];
    replica.page(5, 10, { page: 1, pages: 2, entries });
    expect(replica.effects).toEqual([
      { type: 'assembled', entries, isFirst: false },
      { type: 'reset', changes: [] },
    ]);
    expect(replica.state).toMatchObject({ phase: 'live', hadSnapshot: true, revision: 1, epoch: 5, seq: 10 });
    expect(replica.shown).toEqual({ a: 'old', b: 1 });
  });

  it('applies buffered deltas to the snapshot, in whatever order they arrived', () => {
    const replica = new Driver()
      .give({ type: 'bound' })
      .delta(5, 12)
      .delta(5, 10)
      .delta(5, 11)
      .delta(5, 12)
      .page(5, 10);
    expect(replica.state).toMatchObject({ phase: 'live', seq: 12 });
    expect(replica.shown).toEqual({ a: 12 });
    expect(replica.state.versions.get('a')).toBe(12);
  });

  it('shows a snapshot that the buffered deltas do not follow, and requests another', () => {
    const replica = new Driver().give({ type: 'bound' }).delta(5, 12).page(5, 10);
    expect(replica.effects.slice(1)).toEqual([{ type: 'reset', changes: [] }, resync('gap'), soon]);
    expect(replica.state).toMatchObject({ phase: 'syncing', hadSnapshot: true, seq: 10 });
    replica.give({ type: 'retry' }).page(5, 11);
    expect(replica.state).toMatchObject({ phase: 'live', seq: 12 });
  });

  it('ignores all messages while no queue is bound', () => {
    const replica = new Driver().delta(5, 1).beacon(5, 1).page(5, 1).give({ type: 'retry' });
    expect(replica.state).toEqual(createReplica({ maxBufferedDeltas: 3 }));
  });

  it('starts over when more deltas arrive than it keeps', () => {
    const replica = new Driver().give({ type: 'bound' }).delta(5, 1).delta(5, 2).delta(5, 3);
    expect(replica.effects).toEqual([]);
    expect(replica.delta(5, 4).effects).toEqual([resync('buffer-overflow'), soon]);
    expect(replica.page(5, 4).state.phase).toBe('syncing');
    expect(replica.give({ type: 'retry' }).page(5, 4).state).toMatchObject({ phase: 'live', seq: 4 });
  });
});

describe('a snapshot of many pages', () => {
  const numbers = ({ effects }: Driver) =>
    effects.flatMap((effect) => (effect.type === 'request-page' ? [effect.page] : []));
  const entry = (page: number) => [{ key: `k${page}`, value: page, version: 3 }];

  it('has four pages under way, and takes them in whatever order they come', () => {
    const replica = new Driver().give({ type: 'bound' }).page(5, 10, { pages: 7 });
    expect(numbers(replica)).toEqual([1, 2, 3, 4]);
    const next = [3, 1, 4, 5, 6, 2].map((page) =>
      numbers(replica.page(5, 10, { page, pages: 7, entries: entry(page) })),
    );
    expect(next).toEqual([[5], [6], [], [], [], []]);
    expect(replica.state).toMatchObject({ phase: 'live', seq: 10 });
    expect(replica.shown).toEqual({ a: 'old', k1: 1, k2: 2, k3: 3, k4: 4, k5: 5, k6: 6 });
  });

  it('is abandoned by one failure, whatever else is under way, and leaves nothing in the next one', () => {
    const replica = new Driver().give({ type: 'bound' }).page(5, 10, { pages: 4 });
    replica.page(5, 10, { page: 1, pages: 4, entries: entry(1) }).give({ type: 'snapshot-failed', reason: 'timeout' });
    expect(replica.effects).toEqual([soon]);
    expect(replica.page(5, 10, { page: 2, pages: 4, entries: entry(2) }).effects).toEqual([]);
    expect(replica.give({ type: 'retry' }).page(5, 11).shown).toEqual({ a: 'old' });
  });
});

describe('a page that does not fit', () => {
  const half = (pages = 3) => new Driver().give({ type: 'bound' }).page(5, 10, { pages });

  it.each<[string, number, number, Partial<SnapshotPage>]>([
    ['of another snapshot', 5, 10, { snapshot_id: 'x', page: 1, pages: 3 }],
    ['of another seq', 5, 11, { snapshot_id: '5.10', page: 1, pages: 3 }],
    ['of another number of pages', 5, 10, { page: 1, pages: 2 }],
    ['beyond those that were requested', 5, 10, { page: 5, pages: 9 }],
  ])('%s: the replica starts over', (_which, epoch, seq, more) => {
    expect(half(more.page === 5 ? 9 : 3).page(epoch, seq, more).effects).toEqual([resync('snapshot-mixed'), soon]);
  });

  it('is ignored when it was given before', () => {
    const replica = half().page(5, 10, { pages: 3 });
    expect(replica.effects).toEqual([]);
    const entries = [{ key: 'b', value: 1, version: 3 }];
    replica.page(5, 10, { page: 2, pages: 3, entries });
    expect(replica.page(5, 10, { page: 2, pages: 3, entries }).effects).toEqual([]);
    expect(replica.page(5, 10, { page: 1, pages: 3, entries: [] }).shown).toEqual({ a: 'old', b: 1 });
  });

  it('of an owner that was replaced: it is refused, and a new snapshot requested', () => {
    const replica = new Driver().give({ type: 'bound' }).beacon(6, 1, '0'.repeat(16)).page(5, 10);
    expect(replica.effects).toEqual([resync('snapshot-outdated'), soon]);
    expect(replica.state.hadSnapshot).toBe(false);
  });

  it('of a new owner, among pages of the one before: the replica starts over', () => {
    expect(half().page(6, 1, { page: 1, pages: 3 }).effects).toEqual([resync('new-epoch'), soon]);
  });

  it('older than the content shown: it is refused', () => {
    const replica = live().delta(5, 11).delta(5, 13).give({ type: 'retry' }).page(5, 10);
    expect(replica.effects).toEqual([resync('snapshot-outdated'), { type: 'retry-in', ms: [100, 500] }]);
    expect(replica.shown).toEqual({ a: 11 });
  });
});

describe('a live replica', () => {
  it('applies the next delta and reports the changes that had an effect', () => {
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

  it('advances its seq without an effect when a delta changes nothing', () => {
    const replica = live().delta(5, 11, []);
    expect(replica.effects).toEqual([]);
    expect(replica.state).toMatchObject({ seq: 11, revision: 1 });
  });

  it('ignores duplicates and owners that were replaced', () => {
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
  ])('%s: resyncs after a delay, and keeps showing its content', (reason, fault) => {
    const replica = fault(live());
    expect(replica.effects).toEqual([resync(reason), soon]);
    expect(replica.state).toMatchObject({ phase: 'syncing', hadSnapshot: true, epoch: 5, seq: 10, revision: 1 });
    expect(replica.shown).toEqual({ a: 'old' });
    expect(replica.give({ type: 'retry' }).effects).toEqual([{ type: 'request-page', page: 0 }]);
  });

  it('keeps the delta that revealed the gap', () => {
    const replica = live().delta(5, 12).give({ type: 'retry' }).page(5, 11);
    expect(replica.state).toMatchObject({ phase: 'live', seq: 12 });
  });

  it('tolerates one beacon below it, and counts from zero after one that matches', () => {
    const replica = live().beacon(5, 9).beacon(5, 10).beacon(5, 9);
    expect(replica.state).toMatchObject({ phase: 'live', seq: 10 });
  });

  it('records when it last received a message of its owner', () => {
    const replica = live();
    expect(replica.state.lastReceivedAt).toBeUndefined();
    expect(replica.beacon(5, 10, undefined, 70).state.lastReceivedAt).toBe(70);
    expect(replica.delta(5, 11, [], 80).beacon(4, 99, undefined, 90).state.lastReceivedAt).toBe(80);
  });

  it('follows an owner restored from a backup: lower seq, higher epoch', () => {
    const replica = live().beacon(6, 2).give({ type: 'retry' }).page(6, 2, { entries: [] });
    expect(replica.state).toMatchObject({ phase: 'live', epoch: 6, seq: 2 });
    expect(replica.shown).toEqual({});
  });
});

describe('an unavailable owner or broker', () => {
  const fail = (replica: Driver) => replica.give({ type: 'snapshot-failed', reason: 'timeout' });

  it('is asked again after delays that grow to 5 s', () => {
    const replica = new Driver().give({ type: 'bound' });
    const delays = Array.from({ length: 7 }, () => {
      const [effect] = fail(replica).effects;
      replica.give({ type: 'retry' });
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

  it('is asked again after a short delay only once a beacon has matched the content', () => {
    const replica = fail(new Driver().give({ type: 'bound' }))
      .give({ type: 'retry' })
      .page(5, 10);
    expect(replica.beacon(5, 10, 'f'.repeat(16)).effects).toEqual([
      resync('digest-mismatch'),
      { type: 'retry-in', ms: [100, 500] },
    ]);
    replica.give({ type: 'retry' }).page(5, 10).beacon(5, 10);
    expect(replica.delta(5, 12).effects).toEqual([resync('gap'), soon]);
  });

  it('has one delay at a time, during which answers are ignored', () => {
    const replica = fail(live().delta(5, 12).give({ type: 'retry' }));
    expect(fail(replica).effects).toEqual([]);
    expect(replica.page(5, 11).effects).toEqual([]);
    expect(replica.give({ type: 'retry' }).give({ type: 'retry' }).effects).toEqual([]);
  });

  it('is asked at once when a queue is bound again, also without an input that it was lost', () => {
    for (const replica of [live(), live().delta(5, 12), live().delta(5, 12).give({ type: 'retry' })]) {
      expect(replica.give({ type: 'bound' }).effects).toEqual([resync('bound'), { type: 'request-page', page: 0 }]);
      expect(replica.page(5, 12).state).toMatchObject({ phase: 'live', seq: 12 });
    }
  });

  it('leaves the content readable, and is asked at once when the queue is bound again', () => {
    const replica = live().give({ type: 'unbound' }).delta(5, 11);
    expect(replica.state).toMatchObject({ phase: 'waiting', hadSnapshot: true, seq: 10 });
    expect(replica.shown).toEqual({ a: 'old' });
    expect(replica.give({ type: 'bound' }).effects).toEqual([resync('bound'), { type: 'request-page', page: 0 }]);
    expect(replica.shown).toEqual({ a: 'old' });
    expect(replica.page(5, 14).shown).toEqual({ a: 'old' });
    expect(replica.state).toMatchObject({ phase: 'live', seq: 14, revision: 2 });
  });
});
