import { readersEntries, readersStream, type JsonValue, type ReadersStream } from '@signalbox/contracts/streams';
import { FollowedStreams, type FollowedStream } from '@signalbox/state-streams';
import { Readers, ReaderStates } from '@signalbox/status-facts';
import { FakeClock } from '@signalbox/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import { ReadersView } from './readers.view.js';

const readerKey = readersEntries.reader.key;

const reader = (id: string, state: string, receivedAt: number): [string, JsonValue] => [
  readerKey(id),
  {
    reader_id: id,
    state,
    consumer_name: id,
    consumer_groups: [],
    model_name: 'm',
    model_type: 'chat',
    device: 'cpu',
    pids: [],
    heartbeat_wait_interval: 10,
    received_at: receivedAt,
    since: receivedAt,
    boot_id: null,
  },
];

const settings: [string, JsonValue] = [
  readersEntries.settings.key(),
  { heartbeat_check_interval: 1, reader_message_timeout_ms: 500, missed_beats: 3 },
];

describe('ReadersView', () => {
  const { name, beside } = readersStream(0);
  let stream: FollowedStream<ReadersStream>;
  let view: ReadersView;
  beforeEach(() => {
    const streams = new FollowedStreams();
    const readers = new Readers(streams, new FakeClock());
    view = new ReadersView(readers, new ReaderStates(readers));
    stream = streams.follow(readersStream(0));
  });

  const receivedAt = (id: string) => [...view.all()].find(({ entry }) => entry.reader_id === id)?.receivedAt;
  const beats = (...pairs: [string, number][]) =>
    stream.receive(beside.beats, { stream: name, epoch: 1, beats: pairs });

  it('knows nothing until the first snapshot', () => {
    expect(view.hasSnapshot).toBe(false);
    expect(view.settings).toBeUndefined();
    stream.reset([settings]);
    expect(view.hasSnapshot).toBe(true);
    expect(view.settings?.heartbeat_check_interval).toBe(1);
    expect(view.count()).toEqual({ loading: 0, live: 0, dead: 0 });
  });

  it('follows the stream and counts by state', () => {
    stream.reset([settings, reader('a', 'live', 1_000), reader('b', 'loading', 1_000)]);
    const [key, value] = reader('b', 'dead', 1_000);
    stream.change([
      { key, value },
      { key: readerKey('a'), value: null },
    ]);
    expect(view.count()).toEqual({ loading: 0, live: 0, dead: 1 });
  });

  it('takes later beat times and never an earlier one', () => {
    stream.reset([reader('a', 'live', 1_000)]);
    beats(['a', 3_000], ['unknown', 9_000]);
    expect(receivedAt('a')).toBe(3_000);
    beats(['a', 2_000]);
    expect(receivedAt('a')).toBe(3_000);
    stream.reset([reader('a', 'live', 1_000)]);
    expect(receivedAt('a')).toBe(3_000);
  });

  it('forgets what a new snapshot does not have', () => {
    stream.reset([reader('a', 'live', 1_000), reader('b', 'live', 1_000)]);
    stream.reset([reader('b', 'live', 1_000)]);
    expect(view.count().live).toBe(1);
  });

  it('forgets the beats of a reader that was removed', () => {
    stream.reset([reader('a', 'live', 1_000)]);
    beats(['a', 3_000]);
    stream.change([{ key: readerKey('a'), value: null }]);
    stream.change([{ key: readerKey('a'), value: reader('a', 'live', 2_000)[1] }]);
    expect(receivedAt('a')).toBe(2_000);
  });

  it('keeps its revision when beats change nothing that is shown', () => {
    stream.reset([reader('a', 'live', 1_000)]);
    const { revision } = view;
    beats(['unknown', 9_000]);
    beats(['a', 1_000]);
    beats();
    expect(view.revision).toBe(revision);
    beats(['a', 1_001]);
    beats(['a', 1_999]);
    expect(view.revision).toBe(revision);
    expect(receivedAt('a')).toBe(1_999);
    beats(['unknown', 9_000], ['a', 2_000]);
    expect(view.revision).toBeGreaterThan(revision);
  });

  it('names each reader that was added, changed or removed, or shows another second', () => {
    const named: string[] = [];
    const stop = view.onReader((id) => named.push(`${id} ${view.of(id)?.receivedAt}`));
    stream.reset([reader('a', 'live', 1_000), reader('b', 'live', 1_000)]);
    const [key, value] = reader('b', 'dead', 1_000);
    stream.change([{ key, value }]);
    beats(['a', 1_999], ['b', 2_000], ['unknown', 9_000]);
    stream.reset([reader('a', 'live', 1_000)]);
    expect(named).toEqual(['a 1000', 'b 1000', 'b 1000', 'b 2000', 'b undefined', 'a 1999']);
    stop();
    stream.reset([]);
    expect(named).toHaveLength(6);
  });

  it('has a new revision after every change, and calls its listeners', () => {
    let calls = 0;
    const stop = view.onChange(() => (calls += 1));
    const revisions = new Set([view.revision]);
    stream.reset([reader('a', 'live', 1_000)]);
    revisions.add(view.revision);
    beats(['a', 2_000]);
    revisions.add(view.revision);
    stream.change([{ key: readerKey('a'), value: null }]);
    revisions.add(view.revision);
    stop();
    stream.reset([]);
    expect(revisions.size).toBe(4);
    expect(calls).toBe(2);
  });
});
