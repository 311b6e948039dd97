import { readerQuery, type ReaderCounts, type ReaderPage, type ReaderQuery } from '@signalbox/contracts/http';
import { readersEntries, readersStream, type JsonValue, type ReadersStream } from '@signalbox/contracts/streams';
import { FollowedStreams, type FollowedStream } from '@signalbox/state-streams';
import { Readers, ReaderStates } from '@signalbox/status-facts';
import fc from 'fast-check';
import { FakeClock } from '@signalbox/testing';
import { expect, it } from 'vitest';
import { ListReadersQuery } from './list-readers.query.js';
import { ReadersView, type ReaderRecord } from './readers.view.js';

interface Member {
  readonly id: number;
  readonly state: 'loading' | 'live' | 'dead';
  readonly since: number;
  readonly groups: readonly string[];
  readonly model: string;
}

const settings: [string, JsonValue] = [
  readersEntries.settings.key(),
  { heartbeat_check_interval: 1, reader_message_timeout_ms: 500, missed_beats: 3 },
];
const keyOf = (id: number): string => readersEntries.reader.key(`r${id}`);

const valueOf = ({ id, state, since, groups, model }: Member): JsonValue => ({
  reader_id: `r${id}`,
  state,
  consumer_name: 'c',
  consumer_groups: [...groups],
  model_name: model,
  model_type: 'chat',
  device: id % 2 === 0 ? 'cpu' : 'cuda',
  pids: [],
  heartbeat_wait_interval: 10,
  received_at: since,
  since,
  boot_id: null,
  flapping_since: since % 3 === 0 ? since : null,
});

class Followed {
  readonly stream: FollowedStream<ReadersStream>;
  readonly view: ReadersView;
  readonly query: ListReadersQuery;

  constructor(members: readonly Member[]) {
    const streams = new FollowedStreams();
    const readers = new Readers(streams, new FakeClock());
    this.view = new ReadersView(readers, new ReaderStates(readers));
    this.stream = streams.follow(readersStream(0));
    this.query = new ListReadersQuery(this.view);
    this.stream.reset([settings, ...members.map((member): [string, JsonValue] => [keyOf(member.id), valueOf(member)])]);
  }

  put(member: Member): void {
    this.stream.change([{ key: keyOf(member.id), value: valueOf(member) }]);
  }

  remove(id: number): void {
    this.stream.change([{ key: keyOf(id), value: null }]);
  }

  list(query: Record<string, string>): Promise<ReaderPage> {
    return this.query.execute(readerQuery.parse(query));
  }

  /** Written down plainly: ids of all pages, and counts. */
  expected({ sort, state, group, search }: ReaderQuery): { ids: string[]; counts: Partial<ReaderCounts> } {
    const all = [...this.view.all()];
    const tests = {
      state: ({ entry }: ReaderRecord) => state?.includes(entry.state) ?? true,
      group: ({ entry }: ReaderRecord) => group === undefined || entry.consumer_groups.includes(group),
      search: ({ entry }: ReaderRecord) => entry.reader_id.includes(search ?? '') || entry.model_name.includes(search!),
    };
    const passing = (without?: keyof typeof tests): ReaderRecord[] =>
      all.filter((record) => Object.entries(tests).every(([name, test]) => name === without || test(record)));
    const direction = sort.startsWith('-') ? -1 : 1;
    const place = ({ entry, receivedAt }: ReaderRecord): number =>
      sort.endsWith('since') ? entry.since : sort.endsWith('at') ? receivedAt : 0;
    const ids = passing()
      .toSorted((a, b) => direction * (place(a) - place(b) || (a.entry.reader_id < b.entry.reader_id ? -1 : 1)))
      .map(({ entry }) => entry.reader_id);
    const counted = { loading: 0, live: 0, dead: 0 };
    for (const { entry } of passing('state')) counted[entry.state] += 1;
    const flapping = passing().filter(({ entry }) => entry.flapping_since !== null).length;
    const groups = new Map<string, number>();
    for (const { entry } of passing('group'))
      for (const each of new Set(entry.consumer_groups)) groups.set(each, (groups.get(each) ?? 0) + 1);
    const values = [...groups].map(([value, readers]) => ({ value, readers }));
    values.sort((a, b) => b.readers - a.readers || (a.value < b.value ? -1 : 1));
    return { ids, counts: { state: counted, flapping, group: { values, others: 0 } } };
  }

  async pages(query: Record<string, string>): Promise<{ ids: string[]; pages: ReaderPage[] }> {
    const pages = [await this.list(query)];
    for (let cursor = pages[0]!.next_cursor; cursor !== null; cursor = pages.at(-1)!.next_cursor)
      pages.push(await this.list({ ...query, cursor }));
    return { pages, ids: pages.flatMap(({ data }) => data.map(({ reader_id }) => reader_id)) };
  }
}

const member: fc.Arbitrary<Member> = fc.record({
  id: fc.integer({ min: 0, max: 40 }),
  state: fc.constantFrom('loading', 'live', 'dead'),
  since: fc.integer({ min: 1_000, max: 1_020 }),
  groups: fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 3 }),
  model: fc.constantFrom('m1', 'm2'),
});
const wanted = fc.record(
  {
    sort: fc.constantFrom('reader_id', '-reader_id', 'since', '-since', 'last_heartbeat_at', '-last_heartbeat_at'),
    limit: fc.constantFrom('3', '7', '100'),
    state: fc.constantFrom('live', 'loading,dead'),
    group: fc.constantFrom('a', 'b'),
    search: fc.constantFrom('r1', 'm2'),
  },
  { requiredKeys: ['sort', 'limit'] },
);
const change = fc.oneof(
  member.map((each) => (followed: Followed) => followed.put(each)),
  fc.integer({ min: 0, max: 40 }).map((id) => (followed: Followed) => followed.remove(id)),
);

it('has each reader that the filters let through once, in its order, and exact counts, while readers change', async () => {
  const steps = fc.array(fc.tuple(wanted, fc.array(change, { maxLength: 6 })), { maxLength: 12 });
  await fc.assert(
    fc.asyncProperty(fc.array(member, { maxLength: 40 }), steps, async (members, rounds) => {
      const followed = new Followed(members);
      for (const [query, changes] of rounds) {
        // One that has begun when they come.
        const before = followed.list(query);
        for (const apply of changes) apply(followed);
        const { ids, pages } = await followed.pages(query);
        const expected = followed.expected(readerQuery.parse(query));
        expect(ids).toEqual(expected.ids);
        for (const { total, counts } of pages) {
          expect(total).toBe(expected.ids.length);
          expect(counts).toMatchObject(expected.counts);
        }
        await before;
      }
    }),
    { numRuns: 60 },
  );
});

it('takes readers once that change while they are looked at for the first time', async () => {
  const many = Array.from({ length: 20_000 }, (_, id): Member => ({
    id,
    state: 'live',
    since: 1_000 + id,
    groups: ['a'],
    model: `m${id % 30}`,
  }));
  const followed = new Followed(many);
  const queries = [
    { limit: '1', state: 'dead' },
    { sort: '-since', limit: '1' },
    { limit: '1', group: 'a' },
  ];
  const first = queries.map((query) => followed.list(query));
  let isDone = false;
  const ended = Promise.all(first).then(() => (isDone = true));
  for (let id = 0; !isDone; id = (id + 997) % many.length) {
    followed.put({ ...many[id]!, state: 'dead', since: 50_000 + id });
    followed.remove((id + 1) % many.length);
    await new Promise(setImmediate);
  }
  await ended;
  for (const query of queries) {
    const { data, total, counts } = await followed.list(query);
    const { ids, counts: expected } = followed.expected(readerQuery.parse(query));
    expect([total, data.map(({ reader_id }) => reader_id)]).toEqual([ids.length, ids.slice(0, 1)]);
    expect(counts).toMatchObject(expected);
  }
});

it('counts again where there are more values than are counted', async () => {
  const groupsOf = (id: number): string[] => Array.from({ length: 100 }, (_, at) => `${id}/${at}`);
  const followed = new Followed(
    Array.from({ length: 120 }, (_, id) => ({ id, state: 'live', since: 1_000, groups: groupsOf(id), model: 'm' })),
  );
  expect((await followed.list({})).counts.group.others).toBe(9_900);
  for (let id = 0; id < 60; id += 1) followed.remove(id);
  const { total, counts } = await followed.list({});
  expect([total, counts.group.others]).toEqual([60, 5_900]);
});
