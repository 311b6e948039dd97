import { collectLogs, FakeClock } from '@signalbox/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import { EVERYTHING, NOTHING } from '../heartbeat-path/watermark.rules.js';
import type { Reader } from '../liveness/reader.js';
import { ExpiryTimer } from './expiry-timer.js';

describe('ExpiryTimer', () => {
  let clock: FakeClock;
  /** Of the one reader that is due next. */
  let deadline: number;
  /** How many calls do not see it, because so many others were postponed. */
  let unseen: number;
  let probedAt: number[];
  let expiredAt: number[];
  let died: Reader[];
  let resumedAt: number[];
  /** How many calls leave something to do. */
  let unfinished: number;
  let lines: ReturnType<typeof collectLogs>;
  let timer: ExpiryTimer;

  beforeEach(() => {
    clock = new FakeClock();
    deadline = Infinity;
    probedAt = [];
    expiredAt = [];
    died = [];
    resumedAt = [];
    unfinished = 0;
    unseen = 0;
    lines = collectLogs();
    const partition = {
      owner: { stream: 'readers.0' },
      nextDue: () => {
        if (unseen === 0) return deadline;
        unseen -= 1;
        return undefined;
      },
      expire: ({ monotonic }: { monotonic: number }) => {
        expiredAt.push(monotonic);
        return { died, isComplete: unfinished-- <= 0 };
      },
      resumeReceiving: (since: number) => void resumedAt.push(since),
    };
    const probe = () => void probedAt.push(clock.monotonic());
    timer = new ExpiryTimer({ partition, others: EVERYTHING, probe, clock, logger: lines.logger });
  });

  it('sends a canary at a deadline, and none where heartbeats have postponed it', () => {
    deadline = 1_000;
    timer.arm();
    deadline = 2_500;
    clock.advance(2_499);
    expect(probedAt).toEqual([]);
    clock.advance(1);
    expect(probedAt).toEqual([2_500]);
  });

  it('is set again for an earlier deadline only', () => {
    deadline = 1_000;
    timer.arm();
    deadline = 400;
    timer.arm();
    deadline = 800;
    timer.arm();
    clock.advance(400);
    deadline = 400;
    expect(probedAt).toEqual([]);
    clock.advance(400);
    expect(probedAt).toEqual([800]);
  });

  it('sends one canary at a time, and the next one at once where a deadline passed meanwhile', () => {
    deadline = 1_000;
    timer.arm();
    clock.advance(1_000);
    timer.arm();
    clock.advance(5);
    expect(probedAt).toEqual([1_000]);
    deadline = 1_003;
    timer.receivedUpTo(1_000);
    expect([probedAt, expiredAt]).toEqual([[1_000, 1_005], [1_000]]);
  });

  it('looks at more postponed deadlines in the next turn, and sends no canary before it has seen all', () => {
    unseen = 3;
    deadline = 2_000;
    timer.arm();
    timer.arm();
    expect(unseen).toBe(1);
    clock.advance(1_999);
    expect([unseen, probedAt]).toEqual([0, []]);
    clock.advance(1);
    expect(probedAt).toEqual([2_000]);
  });

  it('declares many readers dead in several turns, for the same canary, and sends no other meanwhile', () => {
    deadline = 1_000;
    timer.arm();
    clock.advance(1_000);
    unfinished = 2;
    timer.receivedUpTo(1_000);
    timer.arm();
    expect(expiredAt).toEqual([1_000]);
    deadline = 5_000;
    clock.advance(5);
    expect([probedAt, expiredAt]).toEqual([[1_000], [1_000, 1_000, 1_000]]);
    clock.advance(4_000);
    expect(probedAt).toEqual([1_000, 5_000]);
  });

  it('declares no further ones dead when it is stopped', () => {
    unfinished = 5;
    timer.receivedUpTo(1_000);
    timer.stop();
    clock.advance(100);
    expect(expiredAt).toEqual([1_000]);
  });

  it('logs one line for all that died, with some of their ids', () => {
    died = Array.from({ length: 300 }, (_, at) => ({
      readerId: `r${at}`,
      since: { unix: 5, monotonic: 5 },
      receivedAt: { unix: 2, monotonic: 2 },
    })) as Reader[];
    timer.receivedUpTo(0);
    const deaths = lines.lines.filter(({ msg }) => msg === 'readers declared dead');
    expect(deaths).toMatchObject([{ msg: 'readers declared dead', readers: 300 }]);
    expect(deaths[0]!['reader_ids']).toHaveLength(20);
  });

  it('declares no reader dead before the other partitions have received what was sent until its deadline', () => {
    deadline = 1_000;
    timer.setOthers({ since: 0, through: 900 });
    clock.advance(1_000);
    timer.receivedUpTo(1_000);
    expect([probedAt, expiredAt]).toEqual([[], [900]]);
    timer.setOthers({ since: 0, through: 1_001 });
    expect(probedAt).toEqual([1_000]);
    timer.receivedUpTo(1_000);
    expect(expiredAt).toEqual([900, 1_000]);
  });

  it('declares no reader dead while it is not known what the other partitions have received', () => {
    deadline = 1_000;
    timer.setOthers(NOTHING);
    clock.advance(5_000);
    timer.receivedUpTo(5_000);
    expect([probedAt, expiredAt]).toEqual([[], []]);
  });

  it('counts silence from when all other partitions could receive heartbeats', () => {
    timer.setOthers({ since: 300, through: 900 });
    timer.setOthers({ since: 300, through: 1_200 });
    timer.setOthers({ since: 1_100, through: 1_300 });
    expect(resumedAt).toEqual([300, 1_100]);
  });
});
