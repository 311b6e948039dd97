import type { DataplaneReport } from '@signalbox/contracts/messages';
import { dataplaneStream, readersEntries, readersStream, registryStream } from '@signalbox/contracts/streams';
import { FollowedStreams, type Replicas } from '@signalbox/state-streams';
import { FakeClock } from '@signalbox/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import { activeAt, toActiveNotice } from './active-notices.js';
import { DataplaneReports } from './dataplane-reports.js';
import { FollowedFacts, type StreamFacts } from './followed-facts.js';
import { ReaderStates } from './reader-states.js';
import { Readers } from './readers/readers.js';

const readerKey = readersEntries.reader.key;
const reader = (id: string, state: string, since: number, flapping_since: number | null = null) => ({
  reader_id: id,
  state,
  consumer_name: id,
  consumer_groups: [],
  model_name: 'm',
  model_type: 'chat',
  device: 'cpu',
  pids: [],
  heartbeat_wait_interval: 10,
  received_at: since,
  since,
  boot_id: null,
  flapping_since,
});

describe('the facts from followed streams', () => {
  let clock: FakeClock;
  let streams: FollowedStreams;
  let states: ReaderStates;
  let facts: FollowedFacts;
  beforeEach(() => {
    clock = new FakeClock();
    streams = new FollowedStreams();
    const replicas = {
      of: (stream: string) => ({ silentMs: stream.length, hadSnapshot: true, isInStep: stream !== 'registry' }),
    } as unknown as Replicas;
    const followed = new Readers(streams, new FakeClock());
    states = new ReaderStates(followed);
    facts = new FollowedFacts(streams, replicas, followed, states, new DataplaneReports(streams, clock));
  });
  const read = (): StreamFacts => facts.read({ dataplaneTimeoutMs: 15_000 });

  it('have what was received of each owner, by its stream', () => {
    const { owners, gateways } = read();
    expect(owners).toEqual({
      readers: { silentMs: 'readers.0'.length, hasSnapshot: true, isInStep: true },
      registry: { silentMs: 'registry'.length, hasSnapshot: true, isInStep: false },
      dataplane: { silentMs: 'dataplane'.length, hasSnapshot: true, isInStep: true },
      datasources: { silentMs: 'datasources'.length, hasSnapshot: true, isInStep: true },
    });
    expect(gateways.silentMs).toBe('gateway'.length);
  });

  it('count the readers, and have some of the dead ones, the latest first', () => {
    const stream = streams.follow(readersStream(0));
    const many = Array.from({ length: 30 }, (_, n) => reader(`r${n}`, 'dead', n));
    stream.reset([...many, reader('a', 'live', 1)].map((each) => [readerKey(each.reader_id), each]));
    const { latestDead, ...rest } = read().readers;
    expect(rest).toEqual({ loading: 0, live: 1, dead: 30, flapping: 0, latestFlapping: [] });
    expect([latestDead.length, latestDead[0], latestDead[19]]).toEqual([
      20,
      { id: 'r29', since: 29 },
      { id: 'r10', since: 10 },
    ]);
    stream.change([{ key: readerKey('r29'), value: reader('r29', 'live', 40) }]);
    expect(read().readers).toMatchObject({
      live: 2,
      dead: 29,
      latestDead: [{ id: 'r28' }, ...latestDead.slice(2), {}],
    });
  });

  it('count a reader that is flapping as that, whatever its state is', () => {
    const readers = [
      reader('a', 'live', 1),
      reader('b', 'dead', 1),
      reader('c', 'dead', 1, 7),
      reader('d', 'live', 1, 8),
    ];
    streams.follow(readersStream(0)).reset(readers.map((each) => [readerKey(each.reader_id), each]));
    expect(read().readers).toEqual({
      loading: 0,
      live: 1,
      dead: 1,
      flapping: 2,
      latestDead: [{ id: 'b', since: 1 }],
      latestFlapping: [
        { id: 'd', since: 8 },
        { id: 'c', since: 7 },
      ],
    });
    expect(states.count()).toEqual({ loading: 0, live: 2, dead: 2 });
  });

  it('name what the registry could not load', () => {
    const { service, loadError } = registryStream.entries;
    const subjects = [{ project: 'p', package: 'k' }, {}, { project: 'p' }, { project: 'p', connection: 'c' }];
    streams
      .follow(registryStream)
      .reset([
        [service.key(), { state: 'serving', frozen: false, public_key: '' }],
        ...subjects.map((subject) => [loadError.key(subject), { ...subject, message: 'm', at: 1 }] as const),
      ]);
    expect(read().registry.state).toBe('serving');
    expect(read().registry.loadErrors.map(({ subject }) => subject)).toEqual([
      'the configuration file',
      'project p',
      'connection p/c',
      'package p/k',
    ]);
  });

  it('have every dataplane that is stored or has reported, with the age of its last report', () => {
    const stream = streams.follow(dataplaneStream);
    const stored = { name: 'b', boot_id: 'x', engine: 'local', first_seen_at: 1, up_since: 1 };
    stream.reset([[dataplaneStream.entries.dataplane.key('b'), stored]]);
    const report = { dataplane: 'a', state: 'running', private_routes: { 'db:1': 'OK' } } as unknown as DataplaneReport;
    stream.receive(dataplaneStream.beside.report, { stream: stream.name, report, age_ms: 100 });
    clock.advance(50);
    expect(read().dataplanes).toEqual([
      { name: 'a', state: 'running', reportedMs: 150, timeoutMs: 15_000, privateRoutes: { 'db:1': 'OK' } },
      { name: 'b', state: undefined, reportedMs: undefined, timeoutMs: 15_000, privateRoutes: {} },
    ]);
  });

  it('have no dataplane that was removed, until it reports after that', () => {
    const stream = streams.follow(dataplaneStream);
    const key = dataplaneStream.entries.dataplane.key('a');
    stream.reset([[key, { name: 'a', boot_id: 'x', engine: 'local', first_seen_at: 1, up_since: 1 }]]);
    const receive = (age_ms: number): void => {
      const report = { dataplane: 'a', state: 'running' } as unknown as DataplaneReport;
      stream.receive(dataplaneStream.beside.report, { stream: stream.name, report, age_ms });
    };
    receive(60_000);
    clock.advance(10);
    stream.change([{ key, value: null }]);
    expect(read().dataplanes).toEqual([]);
    clock.advance(2_000);
    // Another process of dataplane-control has not learned it yet.
    receive(62_010);
    expect(read().dataplanes).toEqual([]);
    receive(500);
    expect(read().dataplanes).toMatchObject([{ name: 'a', reportedMs: 500 }]);
  });
});

describe('active notices', () => {
  const notice = (id: string, starts_at: number, ends_at: number) => ({
    id,
    message: 'm',
    components: ['storage', 'a-component-of-a-later-release'],
    starts_at,
    ends_at,
  });

  it('have begun and are not over, the one that ends last first', () => {
    const notices = [notice('over', 1, 5), notice('short', 1, 6), notice('long', 5, 9), notice('later', 6, 9)];
    expect(activeAt(5, notices).map(({ id }) => id)).toEqual(['long', 'short']);
  });

  it('name only components that are known here', () => {
    expect(toActiveNotice(notice('n', 1, 2))).toEqual({ id: 'n', components: ['storage'] });
  });
});
