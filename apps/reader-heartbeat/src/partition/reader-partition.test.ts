import type { StreamDelta } from '@signalbox/contracts/streams';
import { describe, expect, it } from 'vitest';
import { beatOf } from '../../test/support/beat-of.js';
import { ReaderTable } from '../liveness/reader-table.rules.js';
import { ReaderPartition } from './reader-partition.js';

const settings = { heartbeatCheckInterval: 1, missedBeats: 3, readerMessageTimeoutMs: 500, retentionMs: 60_000 };
const at = (ms: number) => ({ unix: 1_795_000_000_000 + ms, monotonic: ms });

function start() {
  const deltas: StreamDelta[] = [];
  const renewed: string[] = [];
  const changed: string[][] = [];
  const partition = new ReaderPartition({
    stream: 'readers.0',
    epoch: 1,
    table: new ReaderTable(settings, 0),
    settings: { heartbeat_check_interval: 1, reader_message_timeout_ms: 500, missed_beats: 3, partitions: 1 },
    listener: {
      committed: (delta) => void deltas.push(delta),
      changed: (readers, forgotten) => void changed.push([...readers, ...forgotten].map(({ readerId }) => readerId)),
      renewed: ({ readerId }) => void renewed.push(readerId),
    },
  });
  return { partition, deltas, renewed, changed };
}
const many = (count: number, consumerGroups: string[] = []) =>
  Array.from({ length: count }, (_, n) => beatOf(`r${n}`, 1, { consumerGroups }));

describe('ReaderPartition', () => {
  it('publishes changes, and only notes heartbeats that change nothing', () => {
    const { partition, deltas, renewed, changed } = start();
    partition.record([beatOf('a', 1), beatOf('b', 1), beatOf('a', 2)], at(0));
    partition.record([beatOf('b', 2), beatOf('b', 2)], at(1_000));
    expect(deltas.map(({ changes }) => changes.map(({ key }) => key))).toEqual([['reader/a', 'reader/b']]);
    expect([renewed, changed]).toEqual([['a', 'b'], [['a', 'b']]]);
  });

  it('publishes many changes in several deltas, which together are all of them', () => {
    const { partition, deltas, changed } = start();
    partition.record(many(2_500), at(0));
    expect(deltas.map(({ seq, changes }) => [seq, changes.length])).toEqual([
      [1, 1_000],
      [2, 1_000],
      [3, 500],
    ]);
    deltas.length = 0;
    const expired = (ms: number) => [1, 2, 3].map(() => partition.expire(at(ms)));
    expect(expired(3_500).map(({ died, isComplete }) => [died.length, isComplete])).toEqual([
      [1_000, false],
      [1_000, false],
      [500, true],
    ]);
    expect(deltas.map(({ changes }) => changes.length)).toEqual([1_000, 1_000, 500]);
    deltas.length = 0;
    expired(63_500);
    expect(deltas.flatMap(({ changes }) => changes).filter(({ value }) => value === null)).toHaveLength(2_500);
    expect(Math.max(...deltas.map(({ changes }) => changes.length))).toBe(1_000);
    expect(changed.map(({ length }) => length)).toEqual([2_500, 1_000, 1_000, 500, 1_000, 1_000, 500]);
  });

  it('publishes fewer long descriptions in one delta', () => {
    const { partition, deltas } = start();
    const groups = Array.from({ length: 100 }, (_, n) => `${n}`.padEnd(200, '€'));
    partition.record(many(150, groups), at(0));
    const sizes = deltas.map((delta) => Buffer.byteLength(JSON.stringify(delta)));
    expect(deltas.flatMap(({ changes }) => changes)).toHaveLength(150);
    expect(Math.max(...sizes)).toBeLessThan(8 * 1_024 * 1_024);
  });

  it('shows readers that have moved to another partition a while longer, unless they come back', () => {
    const { partition, deltas, changed } = start();
    partition.record([beatOf('a', 1), beatOf('b', 1)], at(0));
    partition.drop([partition.shown('a')!, partition.shown('b')!], 100);
    expect([partition.isEmpty, changed.at(-1), deltas.length]).toEqual([false, ['a', 'b'], 1]);
    partition.record([beatOf('b', 2)], at(200));
    partition.endMoved(100);
    expect(deltas).toHaveLength(2);
    partition.endMoved(101);
    expect(deltas.slice(2).map(({ changes }) => changes)).toEqual([[{ key: 'reader/a', value: null }]]);
    expect(partition.expire(at(9_000)).died.map(({ readerId }) => readerId)).toEqual(['b']);
  });

  it('ends showing many readers that have moved in several calls', () => {
    const { partition, deltas } = start();
    partition.record(many(2_500), at(0));
    partition.drop(
      Array.from({ length: 2_500 }, (_, n) => partition.shown(`r${n}`)!),
      100,
    );
    deltas.length = 0;
    expect([1, 2, 3].map(() => partition.endMoved(101))).toEqual([false, false, true]);
    expect(deltas.map(({ changes }) => changes.length)).toEqual([1_000, 1_000, 500]);
    expect(partition.isEmpty).toBe(true);
  });
});
