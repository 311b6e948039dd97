import { FakeClock } from '@signalbox/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import type { ChangeBatch } from '../../work/follower.js';
import { Outgoing, type Mark } from './outgoing.js';

interface Published {
  readonly ids: string[];
  resolve(): void;
  reject(error: Error): void;
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('what a follower has to publish', () => {
  let clock: FakeClock;
  let batches: Published[];
  let marks: Mark[];
  let log: string[];
  let outgoing: Outgoing;

  beforeEach(() => {
    clock = new FakeClock();
    batches = [];
    marks = [];
    log = [];
    outgoing = new Outgoing({
      clock,
      publish: ({ changes }: ChangeBatch) =>
        new Promise<void>((resolve, reject) => batches.push({ ids: changes.map(({ id }) => id), resolve, reject })),
      onFull: () => log.push('full'),
      onRoom: () => log.push('room'),
      onConfirmed: () => log.push('confirmed'),
      onPublished: (mark) => marks.push(mark),
      onFailed: () => log.push('failed'),
    });
  });

  const transaction = (lsn: bigint, changes = 1): void => {
    for (let n = 0; n < changes; n++) outgoing.add({ id: `${lsn}:${n}`, key: 'a.b.insert', body: '{}' });
    outgoing.markHere({ lsn });
    clock.advance(10);
  };

  it('acknowledges in order, also where a later batch is confirmed first', async () => {
    transaction(1n);
    transaction(2n);
    batches[1]?.resolve();
    await settled();
    expect(marks).toEqual([]);
    batches[0]?.resolve();
    await settled();
    expect(marks).toEqual([{ lsn: 1n }, { lsn: 2n }]);
    expect(outgoing.isEmpty).toBe(true);
  });

  it('acknowledges a transaction of many batches when all are confirmed', async () => {
    transaction(1n, 1_200);
    expect(batches.map(({ ids }) => ids.length)).toEqual([500, 500, 200]);
    batches[0]?.resolve();
    batches[1]?.resolve();
    await settled();
    expect([marks, log]).toEqual([[], ['confirmed', 'confirmed']]);
    batches[2]?.resolve();
    await settled();
    expect(marks).toEqual([{ lsn: 1n }]);
  });

  it('pauses the reading while four batches are under way, and then reads on', async () => {
    transaction(1n, 3_000);
    expect([batches.length, log]).toEqual([4, ['full']]);
    batches[0]?.resolve();
    await settled();
    expect(batches.at(-1)?.ids).toHaveLength(1_000);
    batches[1]?.resolve();
    await settled();
    expect(log).toEqual(['full', 'confirmed', 'confirmed', 'room']);
  });

  it('publishes nothing after a batch that was refused', async () => {
    transaction(1n);
    outgoing.add({ id: '2:0', key: 'a.b.insert', body: '{}' });
    batches[0]?.reject(new Error('refused'));
    await settled();
    transaction(3n, 600);
    expect(batches).toHaveLength(1);
    expect([marks, log]).toEqual([[], ['failed']]);
  });
});
