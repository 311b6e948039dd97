import { readersEntries, readersStream, type JsonValue, type ReaderEntry } from '@signalbox/contracts/streams';
import { FollowedStreams, type FollowedStream } from '@signalbox/state-streams';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ReaderStates } from '../reader-states.js';
import { Readers } from './readers.js';

const runs = Number(process.env.FC_RUNS ?? 500);
const seed = Number(process.env.FC_SEED ?? Math.floor(Math.random() * 2 ** 31));

interface Held {
  entry: ReaderEntry;
  receivedAt: number;
}
interface End {
  readonly receivedAt: number;
  readonly bootId: string | null;
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
    .map((over) => ({
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
    }));
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
      entries: fc.subarray(['a', 'b', 'c']).chain((ids) => fc.tuple(...ids.map(entryOf))),
    }),
  },
);

/** What is to be shown, worked out from everything that every partition has. */
class NaiveReaders {
  readonly partitions: Map<string, Held>[] = [new Map()];
  private readonly ends = new Map<string, End>();

  take(given: Event): void {
    if (given.kind === 'partitions') return this.resize(given.count);
    const held = this.partitions[given.partition];
    if (held === undefined) return;
    if (given.kind === 'beats') {
      for (const [readerId, at] of given.beats) {
        const known = held.get(readerId);
        if (known) known.receivedAt = Math.max(known.receivedAt, at);
        this.tidy(readerId);
      }
    } else if (given.kind === 'delta') {
      for (const [readerId, entry] of given.changes)
        if (entry === null) this.end(given.partition, readerId);
        else this.put(held, entry);
    } else {
      for (const entry of given.entries) this.put(held, entry);
      for (const readerId of held.keys())
        if (!given.entries.some(({ reader_id }) => reader_id === readerId)) this.end(given.partition, readerId);
    }
  }

  shown(readerId: string): (Held & { readonly partition: number }) | undefined {
    const end = this.ends.get(readerId);
    const isOver = ({ entry, receivedAt }: Held): boolean =>
      end !== undefined && receivedAt <= end.receivedAt && (entry.state === 'dead' || entry.boot_id === end.bootId);
    return this.partitions
      .flatMap((held, at) => {
        const one = held.get(readerId);
        return one === undefined || isOver(one) ? [] : [{ ...one, partition: at }];
      })
      .toSorted(
        (a, b) => b.receivedAt - a.receivedAt || b.entry.received_at - a.entry.received_at || b.partition - a.partition,
      )[0];
  }

  private put(held: Map<string, Held>, entry: ReaderEntry): void {
    const receivedAt = Math.max(entry.received_at, held.get(entry.reader_id)?.receivedAt ?? 0);
    held.set(entry.reader_id, { entry, receivedAt });
    this.tidy(entry.reader_id);
  }

  private end(from: number, readerId: string): void {
    const shown = this.shown(readerId);
    this.partitions[from]!.delete(readerId);
    if (shown?.partition === from)
      this.ends.set(readerId, {
        receivedAt: Math.max(shown.receivedAt, this.ends.get(readerId)?.receivedAt ?? 0),
        bootId: shown.entry.boot_id,
      });
    this.tidy(readerId);
  }

  /** An end is of no interest where no partition has the reader any more, or one alone has it, with a later receive time. */
  private tidy(readerId: string): void {
    const all = this.partitions.flatMap((held) => held.get(readerId) ?? []);
    const [one, other] = all;
    const end = this.ends.get(readerId);
    if (one === undefined || (other === undefined && one.receivedAt > (end?.receivedAt ?? 0)))
      this.ends.delete(readerId);
  }

  private resize(count: number): void {
    while (this.partitions.length < count) this.partitions.push(new Map());
    this.partitions.length = count;
    for (const readerId of ['a', 'b', 'c']) this.tidy(readerId);
  }
}

/** The same through the streams, as they are received. */
class ReceivedReaders {
  private readonly contents = new Map<string, FollowedStream>();
  private readonly streams = new FollowedStreams();
  readonly readers = new Readers(this.streams);
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

  take(given: Event): void {
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
    else
      content.reset([
        ['settings', this.settings],
        ...given.entries.map((entry) => [readersEntries.reader.key(entry.reader_id), entry as JsonValue] as const),
      ]);
  }

  private get settings(): JsonValue {
    return { heartbeat_check_interval: 1, reader_message_timeout_ms: 500, missed_beats: 3, partitions: this.count };
  }
}

const second = (ms: number): number => Math.floor(ms / 1_000);

describe(`readers of several partitions (FC_SEED=${seed} FC_RUNS=${runs})`, () => {
  it('are what all that every partition has comes to, after every event, and each change is announced', () => {
    fc.assert(
      fc.property(fc.array(event, { minLength: 5, maxLength: 40, size: 'max' }), (given) => {
        const events: Event[] = [{ kind: 'partitions', count: 3 }, ...given];
        const naive = new NaiveReaders();
        const received = new ReceivedReaders();
        const { readers, states } = received;
        /** What someone knows who looks only at what is announced. */
        const announced = new Map<string, { entry: ReaderEntry; second: number }>();
        readers.onShown((readerId) => {
          const now = readers.get(readerId);
          if (now === undefined) announced.delete(readerId);
          else announced.set(readerId, { entry: now.entry, second: second(now.receivedAt) });
        });
        for (const each of events) {
          const before = { revision: readers.revision, announced: new Map(announced) };
          naive.take(each);
          received.take(each);
          const expected = ['a', 'b', 'c'].flatMap((readerId) => naive.shown(readerId) ?? []);
          const shown = [...readers.values()].toSorted((a, b) => (a.entry.reader_id < b.entry.reader_id ? -1 : 1));
          expect(shown).toEqual(expected);
          expect(readers.size).toBe(expected.length);
          expect(expected.map(({ entry }) => readers.partitionOf(entry.reader_id))).toEqual(
            expected.map(({ partition: at }) => at),
          );
          for (const readerId of ['a', 'b', 'c'])
            expect(readers.partitionsOf(readerId).toSorted((a, b) => a - b)).toEqual(
              naive.partitions.flatMap((held, at) => (held.has(readerId) ? [at] : [])),
            );
          const of = (state: string): number => expected.filter(({ entry }) => entry.state === state).length;
          expect(states.count()).toEqual({ loading: of('loading'), live: of('live'), dead: of('dead') });
          const { loading, live, dead, flapping } = states.facts();
          expect(flapping).toBe(expected.filter(({ entry }) => entry.flapping_since !== null).length);
          expect(loading + live + dead + flapping).toBe(expected.length);

          expect(announced).toEqual(
            new Map(expected.map(({ entry, receivedAt }) => [entry.reader_id, { entry, second: second(receivedAt) }])),
          );
          const isChanged = JSON.stringify([...announced]) !== JSON.stringify([...before.announced]);
          expect(isChanged && readers.revision === before.revision).toBe(false);
        }
      }),
      { numRuns: runs, seed },
    );
  });
});
