import { collectLogs, FakeClock } from '@signalbox/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import { NOTHING, type Watermark } from '../heartbeat-path/watermark.rules.js';
import { Watermarks } from './watermarks.js';

/** What the clock of the database is ahead of the monotonic clock of the process. */
const AHEAD = 1_795_000_000_000;

describe('Watermarks', () => {
  let clock: FakeClock;
  /** Of this process's partition. */
  let own: Watermark | undefined;
  /** In the database; undefined: not of each partition. */
  let low: Watermark | undefined;
  let done: string[];
  let written: (readonly [number, Watermark])[];
  let others: Watermark;
  let logs: ReturnType<typeof collectLogs>;
  let watermarks: Watermarks;

  beforeEach(() => {
    clock = new FakeClock();
    own = { since: 0, through: 0 };
    low = undefined;
    done = [];
    written = [];
    others = NOTHING;
    logs = collectLogs();
    const keeper = {
      number: 1,
      get watermark() {
        return own;
      },
      endMoved: () => true,
      setOthers: (watermark: Watermark) => {
        done.push('informed');
        others = watermark;
      },
    };
    const repository = {
      write: async (_: string, all: ReadonlyMap<number, Watermark>) => void written.push(...all),
      read: async () => {
        done.push('read');
        return { now: AHEAD + clock.monotonic(), low };
      },
    };
    const moves = {
      applyNotices: async () => {
        done.push('notices');
        return [keeper];
      },
    };
    const canaries = { probe: (partition: number) => done.push(`probed ${partition}`) };
    const keepers = { all: () => [keeper] };
    watermarks = new Watermarks(
      keepers as never,
      moves as never,
      canaries as never,
      repository as never,
      clock,
      logs.logger,
    );
    watermarks.start('me');
  });

  const turns = async (count: number): Promise<void> => {
    for (let turn = 0; turn < count; turn += 1) {
      clock.advance(250);
      await new Promise((resolve) => setImmediate(resolve));
    }
  };

  it('are not exchanged where a reader can be in one partition only', async () => {
    watermarks.follow(1, false);
    await turns(4);
    expect(done).toEqual([]);
  });

  it('of all partitions are given to those here, once the readers have gone that moved before', async () => {
    watermarks.follow(2, true);
    low = { since: AHEAD + 100, through: AHEAD + 200 };
    await turns(1);
    expect(done).toEqual(['read', 'notices', 'informed', 'probed 1']);
    expect(others).toEqual({ since: 100, through: 200 });
  });

  it('of the partitions here are written by the clock of the database', async () => {
    watermarks.follow(2, true);
    await turns(1);
    expect(written).toEqual([]);
    own = { since: 30, through: 240 };
    await turns(1);
    expect(written).toEqual([[1, { since: AHEAD + 30, through: AHEAD + 240 }]]);
    own = undefined;
    await turns(1);
    expect(written).toHaveLength(1);
  });

  it('that are missing are reported once, and when they are there again', async () => {
    watermarks.follow(2, true);
    await turns(60);
    expect(done).not.toContain('informed');
    low = { since: AHEAD, through: AHEAD };
    await turns(2);
    expect(logs.lines.map(({ msg }) => msg)).toEqual([
      'a partition receives no heartbeats; no reader is declared dead before it does',
      'all partitions receive heartbeats again',
    ]);
  });
});
