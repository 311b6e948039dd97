import { defineStream, entries, type SnapshotPage } from '@signalbox/contracts/streams';
import type { RequestOptions } from '@signalbox/messaging';
import { createLogger, LoopTurns } from '@signalbox/platform';
import { eventually, FakeClock } from '@signalbox/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { StreamDigest } from '../core/digest.js';
import { FollowedStream } from './followed-stream.js';
import { StreamReplica } from './stream-replica.js';

const beats = { type: 'test.beats', schema: z.object({ stream: z.string(), epoch: z.int(), n: z.int() }) };
const definition = defineStream({ name: 'test', entries: { item: entries('item', z.int()) }, beside: { beats } });

describe('StreamReplica', () => {
  let clock: FakeClock;
  let content: FollowedStream<typeof definition>;
  let replica: StreamReplica;
  let turns: LoopTurns;
  /** The owner's answers, in the order of the requests. */
  let answers: SnapshotPage[];
  beforeEach(() => {
    clock = new FakeClock();
    content = new FollowedStream(definition);
    answers = [];
    const request = async <Res>(_options: RequestOptions<Res>): Promise<Res> => {
      const answer = answers.shift();
      if (answer === undefined) throw new Error('no owner');
      return answer as Res;
    };
    turns = new LoopTurns();
    const logger = createLogger({ name: 'test', level: 'silent' });
    replica = new StreamReplica({
      content: content as unknown as FollowedStream,
      amqp: { request },
      clock,
      logger,
      turns,
      onResync: () => undefined,
      onEpochRefused: () => undefined,
    });
  });

  const snapshot = (epoch: number, seq: number, n: number): SnapshotPage => {
    const entry = { key: 'item/a', value: n, version: seq };
    return { stream: 'test', snapshot_id: `${epoch}.${seq}`, epoch, seq, page: 0, pages: 1, entries: [entry] };
  };
  const settle = async () => {
    for (let turn = 0; turn < 5; turn += 1) await new Promise(setImmediate);
  };
  const syncTo = async (page: SnapshotPage) => {
    answers.push(page);
    replica.bound();
    await settle();
  };
  const delta = (epoch: number, seq: number, n: number) =>
    replica.delta({ stream: 'test', epoch, seq, changes: [{ key: 'item/a', value: n }] });

  it('fills the content from a snapshot and keeps it up to date by deltas', async () => {
    await syncTo(snapshot(1, 10, 7));
    expect(content.collections.item.get('a')).toBe(7);
    delta(1, 11, 8);
    expect(content.collections.item.get('a')).toBe(8);
    expect(replica).toMatchObject({ hadSnapshot: true, isInStep: true, position: { epoch: 1, seq: 11 } });
  });

  it('drops side messages of another epoch', async () => {
    const received: number[] = [];
    content.onMessage(beats, ({ n }) => received.push(n));
    await syncTo(snapshot(2, 10, 7));
    for (const [epoch, n] of [
      [1, 1],
      [2, 2],
      [3, 3],
    ] as const)
      replica.sideMessage(beats, { stream: 'test', epoch, n });
    expect(received).toEqual([2]);
  });

  it('receives what came beside the deltas while it fetched a snapshot after that, the latest of it', async () => {
    const received: string[] = [];
    content.onMessage(beats, ({ epoch, n }) => received.push(`${epoch}.${n} at ${content.collections.item.get('a')}`));
    replica.bound();
    for (let n = 0; n < 300; n += 1) replica.sideMessage(beats, { stream: 'test', epoch: 2, n });
    replica.sideMessage(beats, { stream: 'test', epoch: 1, n: 0 });
    expect(received).toEqual([]);
    await settle();
    answers.push(snapshot(2, 10, 7));
    clock.advance(1_000);
    await eventually(() => received.length >= 255);
    await settle();
    expect(received).toEqual(Array.from({ length: 255 }, (_, index) => `2.${45 + index} at 7`));
    // Until the snapshot after a gap: to what is shown, and to what that has besides.
    received.length = 0;
    delta(2, 12, 9);
    replica.sideMessage(beats, { stream: 'test', epoch: 2, n: 1 });
    expect(received).toEqual(['2.1 at 7']);
    answers.push(snapshot(2, 12, 9));
    clock.advance(1_000);
    await eventually(() => received.length >= 2);
    expect(received).toEqual(['2.1 at 7', '2.1 at 9']);
  });

  it('resolves for a seq that it contains, and for one that it reaches in time', async () => {
    await syncTo(snapshot(1, 10, 7));
    await expect(replica.reached(10, 1_000)).resolves.toBe(true);
    const next = replica.reached(11, 1_000);
    delta(1, 11, 8);
    await expect(next).resolves.toBe(true);
    const late = replica.reached(12, 1_000);
    clock.advance(1_000);
    await expect(late).resolves.toBe(false);
  });

  it('counts no seq of the epoch before as reached once it knows of a new one', async () => {
    await syncTo(snapshot(1, 100, 7));
    // Restored from a backup: a new epoch with lower numbers.
    replica.beacon({ stream: 'test', epoch: 2, seq: 50, digest: '0'.repeat(16) });
    let resolved = false;
    const reached = replica.reached(51, 10_000).then((isReached) => {
      resolved = true;
      return isReached;
    });
    delta(2, 51, 9);
    await settle();
    expect(resolved).toBe(false);
    answers.push(snapshot(2, 50, 8));
    clock.advance(1_000);
    await settle();
    await expect(reached).resolves.toBe(true);
    expect(content.collections.item.get('a')).toBe(9);
  });

  it('grows old while it receives nothing, or is not in step with what it receives', async () => {
    expect(replica.ageMs).toBeUndefined();
    await syncTo(snapshot(1, 10, 7));
    expect(replica.ageMs).toBe(0);
    clock.advance(1_000);
    expect(replica.ageMs).toBe(1_000);
    delta(1, 11, 8);
    expect(replica.ageMs).toBe(0);
    // Deltas are missing, and no snapshot can be had.
    clock.advance(500);
    delta(1, 14, 9);
    clock.advance(500);
    delta(1, 15, 9);
    expect([replica.isInStep, replica.silentMs, replica.ageMs]).toEqual([false, 0, 1_000]);
    replica.unbound();
    clock.advance(1_000);
    expect(replica.ageMs).toBe(2_000);
  });

  describe('that shows a large snapshot', () => {
    let isOver: boolean;
    let received: number[];
    const large = (epoch: number, seq: number): SnapshotPage => ({
      ...snapshot(epoch, seq, 7),
      entries: Array.from({ length: 5_000 }, (_, n) => ({ key: `item/${n}`, value: n, version: seq })),
    });
    const listened: number[] = [];
    beforeEach(() => {
      isOver = true;
      const isOverNow = () => isOver;
      const slices = {
        get isOver() {
          return isOverNow();
        },
        next: () => new Promise(setImmediate),
      };
      turns.slices = () => slices as never;
      received = [];
      listened.length = 0;
      content.onMessage(beats, ({ n }) => received.push(n));
      content.collections.item.onSet((n) => listened.push(n));
    });

    it('calls the listeners in slices, and lets deltas, side messages and waiting callers wait for the last', async () => {
      answers.push(large(1, 10));
      replica.bound();
      await eventually(() => listened.length > 0);
      expect(listened.length).toBeLessThan(5_000);
      expect([content.hasSnapshot, replica.hadSnapshot, replica.isInStep]).toEqual([false, false, false]);
      delta(1, 11, 9_999);
      replica.sideMessage(beats, { stream: 'test', epoch: 1, n: 1 });
      let isReached = false;
      const reached = replica.reached(10, 60_000).then((is) => (isReached = is));
      await settle();
      expect(listened.length).toBeLessThan(5_000);
      expect([received, isReached]).toEqual([[], false]);
      isOver = false;
      await expect(reached).resolves.toBe(true);
      await eventually(() => received.length > 0);
      expect(listened).toEqual([...Array.from({ length: 5_000 }, (_, n) => n), 9_999]);
      expect([content.hasSnapshot, replica.hadSnapshot, replica.isInStep]).toEqual([true, true, true]);
      await expect(replica.reached(11, 1_000)).resolves.toBe(true);
    });

    it('stops when it is not followed any more', async () => {
      answers.push(large(1, 10));
      replica.bound();
      await eventually(() => listened.length > 0);
      replica.close();
      const { length } = listened;
      isOver = false;
      await settle();
      expect(listened).toHaveLength(length);
    });
  });

  it('knows whether its owner is available by the beacons', async () => {
    expect(replica.isOwnerAvailable).toBe(false);
    await syncTo(snapshot(1, 10, 7));
    const digest = new StreamDigest();
    digest.add('item/a', 10);
    replica.beacon({ stream: 'test', epoch: 1, seq: 10, digest: digest.toString() });
    clock.advance(6_000);
    expect(replica.isOwnerAvailable).toBe(true);
    clock.advance(1);
    expect(replica.isOwnerAvailable).toBe(false);
  });
});
