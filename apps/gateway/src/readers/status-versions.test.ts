import type { ReaderEntry, ReaderState } from '@signalbox/contracts/streams';
import { FakeClock } from '@signalbox/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { presentReader } from './reader-status.presenter.js';
import type { ReaderRecord, ReadersView } from './readers.view.js';
import { MAPS, type Segment, type StatusVersion } from './status-version.js';
import { StatusVersions } from './status-versions.js';

const segments: readonly Segment[] = [{ text: '{' }, ...MAPS, { text: '}' }];

const entryOf = (id: string, state: ReaderState, model = 'm'): ReaderEntry => ({
  reader_id: id,
  state,
  consumer_name: id,
  consumer_groups: ['primary', 'ü"\\'],
  model_name: model,
  model_type: 'chat',
  device: 'cpu',
  pids: [1, 2],
  heartbeat_wait_interval: 10,
  received_at: 0,
  since: 0,
  boot_id: null,
  backend: null,
  flapping_since: null,
});

/** The readers of a test, in the order in which they came. */
class Readers {
  private readonly records = new Map<string, ReaderRecord>();
  private listener: (readerId: string) => void = () => undefined;
  readonly view = {
    of: (id: string) => this.records.get(id),
    all: () => this.records.values(),
    onReader: (listener: (readerId: string) => void) => {
      this.listener = listener;
      return () => undefined;
    },
  } as unknown as ReadersView;

  put(entry: ReaderEntry, receivedAt: number): void {
    this.records.set(entry.reader_id, { entry, receivedAt });
    this.listener(entry.reader_id);
  }

  beat(id: string, receivedAt: number): void {
    const known = this.records.get(id);
    if (known !== undefined) this.put(known.entry, receivedAt);
  }

  remove(id: string): void {
    this.records.delete(id);
    this.listener(id);
  }

  /** The body written down plainly. Other than an object, it keeps ids that are numbers in their order. */
  expected(): string {
    const members = (state?: ReaderState): string =>
      [...this.records.values()]
        .filter(({ entry }) => state === undefined || entry.state === state)
        .map(({ entry, receivedAt }) => {
          const heartbeat = {
            heartbeat_timestamp: Math.floor(receivedAt / 1_000),
            heartbeat_wait_interval: entry.heartbeat_wait_interval,
          };
          const shown = state === undefined ? heartbeat : presentReader(entry);
          return `${JSON.stringify(entry.reader_id)}:${JSON.stringify(shown)}`;
        })
        .join(',');
    return `{"dead_readers":{${members('dead')}},"last_heartbeat":{${members()}},"live_readers":{${members('live')}},"loading_readers":{${members('loading')}}}`;
  }
}

const bodyOf = (readers: Readers, clock = new FakeClock()): StatusVersions =>
  new StatusVersions({
    readers: readers.view,
    clock,
    facts: () => [],
    segments: () => segments,
    onReplaced: () => undefined,
  });

const textOf = (version: StatusVersion): string => Buffer.concat([...version.pieces()]).toString();

/** In one order: a reader that was removed and came again before anybody looked stands where it was. */
const membersOf = (text: string): string =>
  JSON.stringify(
    Object.entries(JSON.parse(text) as Record<string, object>).map(([map, members]) => [
      map,
      Object.entries(members).toSorted(([a], [b]) => (a < b ? -1 : 1)),
    ]),
  );

describe('StatusVersions', () => {
  it('is the same as a body made from scratch, whatever happened to the readers, and no version is changed later', async () => {
    const id = fc.oneof(
      fc.constantFrom('__proto__', 'constructor', 'toString', '0', '42', '-1', 'a/b:c.d_e-F'),
      fc.stringMatching(/^[A-Za-z0-9._:/-]{1,12}$/),
      // Enough of them for several chunks that fill up and run empty.
      fc.nat(2_000).map((number) => `reader-${number}`),
    );
    const ids = fc.oneof(
      { weight: 6, arbitrary: id.map((one) => [one]) },
      {
        weight: 1,
        arbitrary: fc
          .tuple(fc.nat(1_500), fc.nat(500))
          .map(([from, count]) => Array.from({ length: count }, (_, at) => `reader-${from + at}`)),
      },
    );
    const at = fc.oneof(fc.nat(20_000), fc.integer({ min: 1_700_000_000_000, max: 1_900_000_000_000 }));
    const step = fc.oneof(
      fc.record({
        what: fc.constant('put' as const),
        ids,
        at,
        state: fc.constantFrom<ReaderState>('loading', 'live', 'dead'),
      }),
      fc.record({ what: fc.constant('beat' as const), ids, at }),
      fc.record({ what: fc.constant('remove' as const), ids }),
      fc.record({ what: fc.constant('look' as const) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
        const clock = new FakeClock();
        const readers = new Readers();
        const body = bodyOf(readers, clock);
        const seen: { version: StatusVersion; text: string }[] = [];
        const look = async (): Promise<void> => {
          clock.advance(1_000);
          const version = await body.current();
          const [text, expected] = [textOf(version), readers.expected()];
          expect(membersOf(text) === membersOf(expected) || [text, expected]).toBe(true);
          // No member is there twice.
          expect(text).toHaveLength(expected.length);
          expect(version.length).toBe(Buffer.byteLength(text));
          seen.push({ version, text });
        };
        for (const each of steps) {
          if (each.what === 'put') for (const one of each.ids) readers.put(entryOf(one, each.state), each.at);
          if (each.what === 'beat') for (const one of each.ids) readers.beat(one, each.at);
          if (each.what === 'remove') for (const one of each.ids) readers.remove(one);
          if (each.what === 'look') await look();
        }
        await look();
        expect(seen.filter(({ version, text }) => textOf(version) !== text)).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });

  it('keeps its version while nothing changes, and shows a change of a reader at once, heartbeats within a second', async () => {
    const clock = new FakeClock();
    const readers = new Readers();
    const body = bodyOf(readers, clock);
    readers.put(entryOf('a', 'live'), 5_000);
    const first = await body.current();
    clock.advance(60_000);
    expect(body.now()).toBe(first);
    readers.beat('a', 60_000);
    const second = body.now();
    expect(textOf(second!)).toContain('"heartbeat_timestamp":60,');
    readers.beat('a', 61_000);
    clock.advance(999);
    expect(body.now()).toBe(second);
    clock.advance(1);
    const third = body.now();
    expect(textOf(third!)).toContain('"heartbeat_timestamp":61,');
    readers.put(entryOf('a', 'dead'), 61_000);
    const fourth = body.now();
    expect(textOf(fourth!)).toBe(readers.expected());
    readers.remove('a');
    expect(textOf(body.now()!)).toBe(readers.expected());
    // Of another chunk than that of the change.
    for (let number = 0; number < 600; number += 1) readers.put(entryOf(`r${number}`, 'live'), 1_000);
    clock.advance(1_000);
    await body.current();
    readers.beat('r0', 9_000);
    readers.put(entryOf('r599', 'dead'), 1_000);
    const changed = textOf(body.now()!);
    expect(changed).toContain('"dead_readers":{"r599"');
    expect(changed).not.toContain('"heartbeat_timestamp":9,');
    clock.advance(1_000);
    expect(textOf(body.now()!)).toContain('"heartbeat_timestamp":9,');
    expect(new Set([first, second, third, fourth].map((version) => version?.etag)).size).toBe(4);
  });

  it('takes what changes while it is being made', async () => {
    const readers = new Readers();
    for (let number = 0; number < 12_000; number += 1) readers.put(entryOf(`r${number}`, 'live'), 1_000);
    const body = bodyOf(readers);
    const made = body.current();
    expect(body.now()).toBeUndefined();
    for (let turn = 0; turn < 4; turn += 1) {
      readers.put(entryOf(`r${turn * 3_000}`, 'dead'), 2_000);
      readers.remove(`r${turn * 3_000 + 1}`);
      readers.put(entryOf(`late${turn}`, 'loading'), 2_000);
      await new Promise(setImmediate);
    }
    const version = await made;
    // Who comes while the others are taken may stand between them.
    expect(JSON.parse(textOf(version))).toEqual(JSON.parse(readers.expected()));
    expect(body.now()).toBe(version);
  });
});
