import { readersEntries, readersStream, type JsonValue } from '@signalbox/contracts/streams';
import { FollowedStreams, type FollowedStream } from '@signalbox/state-streams';
import { FakeClock } from '@signalbox/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import { Readers } from './readers.js';

const settings = (partitions?: number): [string, JsonValue] => [
  readersEntries.settings.key(),
  {
    heartbeat_check_interval: 1,
    reader_message_timeout_ms: 500,
    missed_beats: 3,
    ...(partitions !== undefined && { partitions }),
  },
];

const reader = (id: string, receivedAt: number, over: object = {}): [string, JsonValue] => [
  readersEntries.reader.key(id),
  {
    reader_id: id,
    state: 'live',
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
    ...over,
  },
];

describe('Readers', () => {
  let clock: FakeClock;
  let streams: FollowedStreams;
  let readers: Readers;
  /** Of the streams that are followed. */
  let contents: Map<string, FollowedStream>;
  beforeEach(() => {
    clock = new FakeClock();
    streams = new FollowedStreams();
    readers = new Readers(streams, clock);
    contents = new Map();
    const followed = streams.start({
      joined: (content) => contents.set(content.name, content),
      left: (name) => contents.delete(name),
    });
    for (const { content } of followed) contents.set(content.name, content);
  });
  const content = (partition: number): FollowedStream => contents.get(`readers.${partition}`)!;
  const put = (partition: number, [key, value]: [string, JsonValue]) => content(partition).change([{ key, value }]);
  const forget = (partition: number, id: string) =>
    content(partition).change([{ key: readersEntries.reader.key(id), value: null }]);
  const shown = () => [...readers.values()].map(({ entry, partition }) => [entry.reader_id, entry.state, partition]);

  it('follow partition 0, and all that its settings count from then on', () => {
    expect([...contents.keys()]).toEqual(['readers.0']);
    content(0).reset([settings(3)]);
    expect([...contents.keys()]).toEqual(['readers.0', 'readers.1', 'readers.2']);
    put(0, settings(2));
    expect([...contents.keys()]).toEqual(['readers.0', 'readers.1']);
    put(0, settings(4));
    expect(readers.partitions).toBe(4);
  });

  it('are in one partition where the owner is of the previous release', () => {
    content(0).reset([settings()]);
    expect([[...contents.keys()], readers.hasSnapshot]).toEqual([['readers.0'], true]);
  });

  it('keep the partitions where the settings are missing', () => {
    content(0).reset([settings(2)]);
    content(0).reset([]);
    expect(contents.size).toBe(2);
  });

  it('have a snapshot when all partitions have one, and keep it while new partitions have none', () => {
    const seen: boolean[] = [];
    readers.onChange(() => seen.push(readers.hasSnapshot));
    content(0).reset([settings(2), reader('a', 1)]);
    expect([readers.hasSnapshot, readers.partitionsWithSnapshot]).toEqual([false, 1]);
    content(1).reset([reader('b', 1)]);
    put(0, settings(3));
    expect([readers.hasSnapshot, readers.partitionsWithSnapshot, readers.size]).toEqual([true, 2, 2]);
    expect(seen).toEqual([false, true, true]);
  });

  it('have a snapshot when the partitions without one retire', () => {
    content(0).reset([settings(2)]);
    put(0, settings(1));
    expect(readers.hasSnapshot).toBe(true);
  });

  it('show a reader that moved once, where its latest heartbeat was received', () => {
    content(0).reset([settings(2), reader('a', 1_000)]);
    const { beats } = readersStream(1).beside;
    put(1, reader('a', 2_000));
    expect(shown()).toEqual([['a', 'live', 1]]);
    put(0, reader('a', 1_000, { state: 'dead' }));
    expect(shown()).toEqual([['a', 'live', 1]]);
    put(0, reader('a', 3_000));
    expect(shown()).toEqual([['a', 'live', 0]]);
    content(1).receive(beats, { stream: 'readers.1', epoch: 1, beats: [['a', 3_001]] });
    expect([shown(), readers.get('a')?.receivedAt]).toEqual([[['a', 'live', 1]], 3_001]);
  });

  it('show what another partition has of a reader when the partition that showed it drops it', () => {
    content(0).reset([settings(2), reader('a', 2_000)]);
    content(1).reset([reader('a', 1_000, { state: 'loading' })]);
    expect([shown(), readers.partitionsOf('a')]).toEqual([[['a', 'live', 0]], [0, 1]]);
    forget(0, 'a');
    expect([shown(), readers.partitionsOf('a')]).toEqual([[['a', 'loading', 1]], [1]]);
    forget(1, 'a');
    expect([shown(), readers.partitionsOf('a')]).toEqual([[], []]);
  });

  it('show what the other partition has of a reader whose partition retires', () => {
    content(0).reset([settings(2), reader('a', 1_000), reader('b', 1_000)]);
    put(1, reader('a', 2_000));
    put(1, reader('c', 2_000));
    const changed: string[] = [];
    readers.onShown((id) => changed.push(id));
    put(0, settings(1));
    expect(shown()).toEqual([
      ['a', 'live', 0],
      ['b', 'live', 0],
    ]);
    expect(changed).toEqual(['a', 'c']);
  });

  it('have nothing of before where a partition comes back', () => {
    content(0).reset([settings(2)]);
    put(1, reader('a', 2_000));
    put(0, settings(1));
    put(0, settings(2));
    expect(shown()).toEqual([]);
    content(1).reset([reader('a', 1_000)]);
    expect(readers.get('a')?.receivedAt).toBe(1_000);
  });

  it('show a reader that left its partition until the partitions are known that may have it', () => {
    content(0).reset([settings(1), reader('a', 1_000), reader('b', 1_000), reader('c', 1_000, { state: 'dead' })]);
    content(0).reset([settings(3), reader('b', 1_000)]);
    const stillShown = [
      ['a', 'live', 0],
      ['b', 'live', 0],
    ];
    expect(shown()).toEqual(stillShown);
    content(1).reset([reader('d', 1_000)]);
    expect(shown()).toEqual([...stillShown, ['d', 'live', 1]]);
    content(2).reset([reader('a', 2_000)]);
    expect(shown()).toEqual([
      ['a', 'live', 2],
      ['b', 'live', 0],
      ['d', 'live', 1],
    ]);
  });

  it('show no reader longer than some seconds for a partition that does not become known', () => {
    content(0).reset([settings(1), reader('a', 1_000), reader('b', 1_000)]);
    content(0).reset([settings(2)]);
    put(0, reader('b', 2_000));
    clock.advance(9_999);
    expect(readers.size).toBe(2);
    clock.advance(1);
    expect(shown()).toEqual([['b', 'live', 0]]);
  });

  it('show a reader that left for a partition of which the first one does not know yet', () => {
    content(0).reset([settings(2)]);
    content(1).reset([settings(2), reader('a', 1_000)]);
    content(1).reset([settings(3)]);
    expect(shown()).toEqual([['a', 'live', 1]]);
    put(0, settings(3));
    content(2).reset([settings(3), reader('a', 2_000)]);
    expect(shown()).toEqual([['a', 'live', 2]]);
  });

  it('show no earlier entry of a partition from which a reader came before it left again', () => {
    content(0).reset([settings(2), reader('a', 1_000, { state: 'dead' })]);
    content(1).reset([settings(2), reader('a', 5_000)]);
    content(1).reset([settings(3)]);
    expect(shown()).toEqual([['a', 'live', 1]]);
    put(0, settings(3));
    content(2).reset([settings(3), reader('a', 6_000)]);
    expect([shown(), readers.partitionsOf('a')]).toEqual([[['a', 'live', 2]], [0, 2]]);
  });
});
