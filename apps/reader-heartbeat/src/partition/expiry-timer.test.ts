import { collectLogs, FakeClock } from '@signalbox/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import { NOTHING } from '../heartbeat-path/watermark.rules.js';
import type { Reader } from '../liveness/reader.js';
import { ExpiryTimer } from './expiry-timer.js';

describe('ExpiryTimer', () => {
  let clock: FakeClock;
  /** Of the one reader that is due next. */
  let deadline: number;
  let probedAt: number[];
  let expiredAt: number[];
  let died: Reader[];
  let resumedAt: number[];
  let lines: ReturnType<typeof collectLogs>;
  let timer: ExpiryTimer;

  beforeEach(() => {
    clock = new FakeClock();
    deadline = Infinity;
    probedAt = [];
    expiredAt = [];
    died = [];
    resumedAt = [];
    lines = collectLogs();
    const partition = {
      owner: { stream: 'readers.0' },
      nextDue: () => deadline,
      expire: ({ monotonic }: { monotonic: number }) => {
        expiredAt.push(monotonic);
        return { died };
      },
      resumeReceiving: (since: number) => void resumedAt.push(since),
    };
    const probe = () => void probedAt.push(clock.monotonic());
    timer = new ExpiryTimer({ partition, probe, clock, logger: lines.logger });
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
