import type { StreamBeats } from '@signalbox/contracts/streams';
import type { Amqp, OutgoingMessage } from '@signalbox/messaging';
import { collectLogs, eventually, FakeClock } from '@signalbox/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Reader } from '../liveness/reader.js';
import { BeatTimesAnnouncer } from './beat-times.announcer.js';

const READERS = 12_500;

describe('the times of heartbeats', () => {
  let clock: FakeClock;
  let sent: StreamBeats['beats'][];
  let fails: boolean;
  let announcer: BeatTimesAnnouncer;
  const readers = Array.from(
    { length: READERS },
    (_, index) => ({ readerId: `r${index}`, receivedAt: { unix: index, monotonic: index } }) as Reader,
  );
  let looked: number;
  const table = {
    all: () => {
      looked += 1;
      return readers;
    },
  };

  beforeEach(() => {
    clock = new FakeClock();
    sent = [];
    fails = false;
    looked = 0;
    const publish = async ({ body }: OutgoingMessage): Promise<void> => {
      if (fails) throw new Error('no broker');
      sent.push((body as StreamBeats).beats);
    };
    const amqp = { publisher: { publish } } as unknown as Amqp;
    announcer = new BeatTimesAnnouncer({ stream: 'readers.0', epoch: 1, amqp, clock, logger: collectLogs().logger });
    announcer.start();
  });
  const pass = async (ms: number): Promise<void> => {
    for (let passed = 0; passed < ms; passed += 5) {
      clock.advance(5);
      await new Promise(setImmediate);
    }
  };

  it('of all readers go out after a snapshot in messages of 1,000, one at a time', async () => {
    await announcer.noteAll(table);
    await pass(1_000);
    expect(sent).toHaveLength(1);
    await pass(100);
    expect(sent.map((beats) => beats.length)).toEqual([...Array(12).fill(1_000), 500]);
    expect(new Map(sent.flat())).toEqual(new Map(readers.map(({ readerId }, index) => [readerId, index])));
  });

  it('are noted once more, and not once for each, where several snapshots end meanwhile', async () => {
    await Promise.all([1, 2, 3].map(() => announcer.noteAll(table)));
    await eventually(() => looked === 2);
    await pass(100);
    expect(looked).toBe(2);
  });

  it('are sent again where the broker did not take them, and not after the end', async () => {
    announcer.note(readers.slice(0, 2));
    fails = true;
    await pass(1_000);
    fails = false;
    await pass(1_000);
    expect(sent).toEqual([
      [
        ['r0', 0],
        ['r1', 1],
      ],
    ]);
    announcer.note(readers);
    announcer.stop();
    await pass(2_000);
    expect(sent).toHaveLength(1);
  });
});
