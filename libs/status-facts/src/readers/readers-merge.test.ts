import {
  readerEntry,
  readersEntries,
  readersStream,
  type JsonValue,
  type ReaderEntry,
} from '@signalbox/contracts/streams';
import { FollowedStreams, type FollowedStream } from '@signalbox/state-streams';
import fc from 'fast-check';
import { FakeClock } from '@signalbox/testing';
import { describe, expect, it } from 'vitest';
import { ReaderStates } from '../reader-states.js';
import { Readers } from './readers.js';

const runs = Number(process.env.FC_RUNS ?? 500);
const seed = Number(process.env.FC_SEED ?? Math.floor(Math.random() * 2 ** 31));

interface Held {
  entry: ReaderEntry;
  receivedAt: number;
}
type Event =
  | {
      readonly kind: 'delta';
      readonly partition: number;
      readonly changes: readonly [id: string, ReaderEntry | null][];
    }
  | { readonly kind: 'snapshot'; readonly partition: number; readonly entries: readonly ReaderEntry[] }
  | { readonly kind: 'beats'; readonly partition: number; readonly beats: [string, number][] }
  | { readonly kind: 'partitions'; readonly count: number };

const partition = fc.nat(2);
const id = fc.constantFrom('a', 'b', 'c');
/** Few values, so that they are often equal, and often within one second. */
const time = fc.nat(8).map((n) => n * 400);
const entryOf = (readerId: string): fc.Arbitrary<ReaderEntry> =>
  fc
    .record({
      state: fc.constantFrom('loading', 'live', 'dead'),
      received_at: time,
      boot_id: fc.constantFrom(null, 'x', 'y'),
      flapping_since: fc.constantFrom(null, null, 7),
    })
    .map((over) =>
      // In the order of the schema, as it is received.
      readerEntry.parse({
        reader_id: readerId,
        consumer_name: readerId,
        consumer_groups: [],
        model_name: 'm',
        model_type: 'chat',
        device: 'cpu',
        pids: [],
        heartbeat_wait_interval: 10,
        since: 5,
        backend: null,
        ...over,
      }),
    );
const change = fc.oneof(
  id.map((one): [string, null] => [one, null]),
  id.chain((one) => entryOf(one).map((entry): [string, ReaderEntry] => [one, entry])),
);
const event: fc.Arbitrary<Event> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('delta' as const),
      partition,
      changes: fc.array(change, { minLength: 1, maxLength: 3 }),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('beats' as const),
      partition,
      beats: fc.array(fc.tuple(id, time), { minLength: 1, maxLength: 3 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('partitions' as const), count: fc.integer({ min: 1, max: 3 }) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('snapshot' as const),
      partition,
      entries: fc.subarray(['a', 'b', 'c']).chain((some) => fc.tuple(...some.map(entryOf))),
    }),
  },
);

/** What is to be shown, worked out from everything that every partition has. */
class NaiveReaders {
  readonly partitions: Map<string, Held>[] = [new Map()];
  /** Of which partitions there was a snapshot. */
  private known: boolean[] = [false];
  /** How many partitions there are, as each of them says. */
  private says: number[] = [1];
  /** Entries that their partition does not have any more, and that are shown until all partitions are known. */
  private readonly left = new Set<Held>();

  take(given: Event): void {
    this.apply(given);
    if (!this.isComplete) return;
    for (const held of this.partitions) for (const [id, one] of held) if (this.left.has(one)) held.delete(id);
  }

  /** Of a stream without a snapshot nothing else is received. */
  isReceived(given: Event): boolean {
    return given.kind === 'partitions' || given.kind === 'snapshot' || this.known[given.partition] === true;
  }

  private get isComplete(): boolean {
    return this.known.every(Boolean) && this.says.every((count) => count <= this.partitions.length);
  }

  private apply(given: Event): void {
    if (given.kind === 'partitions') return this.resize(given.count);
    const held = this.partitions[given.partition];
    if (held === undefined) return;
    if (given.kind === 'beats') {
      for (const [readerId, at] of given.beats) {
        const known = held.get(readerId);
        if (known) known.receivedAt = Math.max(known.receivedAt, at);
      }
    } else if (given.kind === 'delta') {
      for (const [readerId, entry] of given.changes)
        if (entry === null) this.remove(held, readerId);
        else this.put(held, entry);
    } else {
      for (const entry of given.entries) this.put(held, entry);
      for (const readerId of held.keys())
        if (!given.entries.some(({ reader_id }) => reader_id === readerId)) this.remove(held, readerId);
      this.known[given.partition] = true;
      this.says[given.partition] = this.partitions.length;
    }
  }

  shown(readerId: string): (Held & { readonly partition: number }) | undefined {
    return this.partitions
      .flatMap((held, at) => {
        const one = held.get(readerId);
        return one === undefined ? [] : [{ ...one, partition: at }];
      })
      .toSorted(
        (a, b) => b.receivedAt - a.receivedAt || b.entry.received_at - a.entry.received_at || b.partition - a.partition,
      )[0];
  }

  private remove(held: Map<string, Held>, readerId: string): void {
    const one = held.get(readerId);
    if (one === undefined) return;
    if (!this.isComplete && one.entry.state !== 'dead') return void this.left.add(one);
    held.delete(readerId);
    this.dropLeft(held, readerId);
  }

  private dropLeft(held: Map<string, Held>, readerId: string): void {
    for (const other of this.partitions) {
      const before = other === held ? undefined : other.get(readerId);
      if (before !== undefined && this.left.has(before)) other.delete(readerId);
    }
  }

  private put(held: Map<string, Held>, entry: ReaderEntry): void {
    const receivedAt = Math.max(entry.received_at, held.get(entry.reader_id)?.receivedAt ?? 0);
    held.set(entry.reader_id, { entry, receivedAt });
    this.dropLeft(held, entry.reader_id);
  }

  private resize(count: number): void {
    this.says[0] = count;
    while (this.partitions.length < count) {
      this.partitions.push(new Map());
      this.known.push(false);
      this.says.push(1);
    }
    this.partitions.length = this.known.length = this.says.length = count;
  }
}

/** The same through the streams, as they are received. */
class ReceivedReaders {
  private readonly contents = new Map<string, FollowedStream>();
  private readonly streams = new FollowedStreams();
  readonly readers = new Readers(this.streams, new FakeClock());
  readonly states = new ReaderStates(this.readers);
  private count = 1;

  constructor() {
    const content = this.streams.follow(readersStream(0), { requiredForReadiness: false }) as unknown as FollowedStream;
    this.contents.set(content.name, content);
    this.streams.start({
      joined: (joined) => this.contents.set(joined.name, joined),
      left: (name) => this.contents.delete(name),
    });
  }

  /** @param onStep is called while a snapshot is being shown */
  take(given: Event, onStep: () => void): void {
    if (given.kind === 'partitions') {
      this.count = given.count;
      this.contents.get('readers.0')!.change([{ key: 'settings', value: this.settings }]);
      return;
    }
    const { name, beside } = readersStream(given.partition);
    const content = this.contents.get(name);
    if (content === undefined) return;
    if (given.kind === 'beats') content.receive(beside.beats, { stream: name, epoch: 1, beats: given.beats });
    else if (given.kind === 'delta')
      content.change(
        given.changes.map(([one, entry]) => ({ key: readersEntries.reader.key(one), value: entry as JsonValue })),
      );
    else this.show(content, given.entries, onStep);
  }

  private show(content: FollowedStream, entries: readonly ReaderEntry[], onStep: () => void): void {
    const { read } = content.read([
      { key: 'settings', value: this.settings },
      ...entries.map((entry) => ({ key: readersEntries.reader.key(entry.reader_id), value: entry as JsonValue })),
    ]);
    content.beginSnapshot();
    content.addToSnapshot(read);
    for (const _ of content.showSnapshot([])) onStep();
  }

  private get settings(): JsonValue {
    return { heartbeat_check_interval: 1, reader_message_timeout_ms: 500, missed_beats: 3, partitions: this.count };
  }
}

const second = (ms: number): number => Math.floor(ms / 1_000);
const ids = ['a', 'b', 'c'];

/** Everything that can be read. One text is compared: thousands of states are. */
function read({ readers, states }: ReceivedReaders): unknown {
  const { loading, live, dead, flapping } = states.facts();
  return {
    shown: [...readers.values()]
      .map(({ entry, receivedAt, partition: at }) => ({ entry, receivedAt, partition: at }))
      .toSorted((x, y) => (x.entry.reader_id < y.entry.reader_id ? -1 : 1)),
    size: readers.size,
    partitionOf: ids.map((readerId) => readers.partitionOf(readerId) ?? null),
    partitionsOf: ids.map((readerId) => readers.partitionsOf(readerId).toSorted((x, y) => x - y)),
    states: states.count(),
    flapping,
    all: loading + live + dead + flapping,
  };
}

function expectedOf(naive: NaiveReaders): unknown {
  const shown = ids.flatMap((readerId) => naive.shown(readerId) ?? []);
  const of = (state: string): number => shown.filter(({ entry }) => entry.state === state).length;
  return {
    shown,
    size: shown.length,
    partitionOf: ids.map((readerId) => naive.shown(readerId)?.partition ?? null),
    partitionsOf: ids.map((readerId) => naive.partitions.flatMap((held, at) => (held.has(readerId) ? [at] : []))),
    states: { loading: of('loading'), live: of('live'), dead: of('dead') },
    flapping: shown.filter(({ entry }) => entry.flapping_since !== null).length,
    all: shown.length,
  };
}

describe(`readers of several partitions (FC_SEED=${seed} FC_RUNS=${runs})`, () => {
  it('are what all that every partition has comes to, after every event, and each change is announced', () => {
    fc.assert(
      fc.property(fc.array(event, { minLength: 5, maxLength: 40, size: 'max' }), (given) => {
        const first = [0, 1].map((at): Event => ({ kind: 'snapshot', partition: at, entries: [] }));
        const events: Event[] = [{ kind: 'partitions', count: 3 }, ...first, ...given];
        const naive = new NaiveReaders();
        const received = new ReceivedReaders();
        const { readers } = received;
        /** What someone knows who looks only at what is announced. */
        const announced = new Map<string, string>();
        const toText = (entry: ReaderEntry, receivedAt: number): string =>
          `${second(receivedAt)} ${JSON.stringify(entry)}`;
        readers.onShown((readerId) => {
          const now = readers.get(readerId);
          if (now === undefined) announced.delete(readerId);
          else announced.set(readerId, toText(now.entry, now.receivedAt));
        });
        for (const each of events) {
          if (!naive.isReceived(each)) continue;
          const { revision } = readers;
          const before = JSON.stringify([...announced]);
          const shownBefore = ids.map((readerId) => naive.shown(readerId));
          naive.take(each);
          const shownAfter = ids.map((readerId) => naive.shown(readerId));
          received.take(each, () => {
            // Of each reader what was shown before, or what is shown then: none is missing, and none is in another state.
            for (const [at, readerId] of ids.entries())
              expect([shownBefore, shownAfter].map((shown) => JSON.stringify(shown[at]?.entry))).toContain(
                JSON.stringify(readers.get(readerId)?.entry),
              );
          });
          expect(JSON.stringify(read(received))).toBe(JSON.stringify(expectedOf(naive)));
          const known = ids.map((readerId) => announced.get(readerId));
          const shown = ids.map((readerId) => naive.shown(readerId));
          expect(known.join('|')).toBe(shown.map((one) => one && toText(one.entry, one.receivedAt)).join('|'));
          expect(JSON.stringify([...announced]) !== before && readers.revision === revision).toBe(false);
        }
      }),
      { numRuns: runs, seed },
    );
  });
});
