import type { OutgoingMessage } from '@signalbox/messaging';
import { LoopTurns } from '@signalbox/platform';
import { collectLogs, eventually, FakeClock } from '@signalbox/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Reader } from '../liveness/reader.js';
import { BeatTimesAnnouncer } from './beat-times.announcer.js';

type Beats = [readerId: string, receivedAt: number][];

const reader = (readerId: string, unix = 0): Reader =>
  ({ readerId, receivedAt: { unix, monotonic: unix }, tick: 0 }) as Reader;

describe('BeatTimesAnnouncer', () => {
  let clock: FakeClock;
  let published: Beats[];
  let isUp: boolean;
  let announcer: BeatTimesAnnouncer;

  beforeEach(() => {
    clock = new FakeClock();
    published = [];
    isUp = true;
    const publish = async ({ json = '' }: OutgoingMessage) => {
      if (!isUp) throw new Error('not confirmed');
      published.push((JSON.parse(json) as { beats: Beats }).beats);
    };
    const amqp = { publisher: { publish } };
    announcer = new BeatTimesAnnouncer({
      stream: 'readers.0',
      epoch: 1,
      amqp,
      clock,
      logger: collectLogs().logger,
      turns: new LoopTurns(),
    });
    announcer.start();
  });

  const beat = (each: Reader, unix: number) => {
    each.receivedAt.unix = unix;
    announcer.note(each);
  };
  const pass = async (ms: number): Promise<void> => {
    for (let passed = 0; passed < ms; passed += 5) {
      clock.advance(5);
      await new Promise(setImmediate);
    }
  };

  it('publishes once a second the last receive time of each reader that had a heartbeat', async () => {
    const [a, b] = [reader('a'), reader('b')];
    beat(a, 1);
    beat(b, 2);
    beat(a, 3);
    await pass(1_000);
    beat(b, 4);
    await pass(2_000);
    expect(published).toEqual([
      [
        ['a', 3],
        ['b', 2],
      ],
      [['b', 4]],
    ]);
  });

  it('publishes again, as it is then, what was not confirmed, and nothing after its end', async () => {
    const [a, b] = [reader('a'), reader('b')];
    isUp = false;
    beat(a, 1);
    beat(b, 1);
    await pass(1_000);
    beat(a, 2);
    isUp = true;
    await pass(1_000);
    expect(published.map((beats) => new Map(beats))).toEqual([
      new Map([
        ['a', 2],
        ['b', 1],
      ]),
    ]);
    beat(a, 3);
    announcer.stop();
    await pass(2_000);
    expect(published).toHaveLength(1);
  });

  describe('after a snapshot', () => {
    const readers = Array.from({ length: 12_500 }, (_, index) => reader(`r${index}`, index));
    let looked: number;
    const table = {
      all: () => {
        looked += 1;
        return readers;
      },
    };
    beforeEach(() => {
      looked = 0;
      for (const each of readers) each.tick = 0;
    });

    it('publishes the times of all readers in messages of 1,000, one at a time', async () => {
      await announcer.noteAll(table);
      await pass(1_000);
      expect(published).toHaveLength(1);
      await pass(100);
      expect(published.map((beats) => beats.length)).toEqual([...Array<number>(12).fill(1_000), 500]);
      expect(new Map(published.flat())).toEqual(new Map(readers.map(({ readerId }, index) => [readerId, index])));
    });

    it('looks once more, and not once for each, where several snapshots end meanwhile', async () => {
      await Promise.all([1, 2, 3].map(() => announcer.noteAll(table)));
      await eventually(() => looked === 2);
      await pass(100);
      expect(looked).toBe(2);
    });
  });
});
