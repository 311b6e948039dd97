import { FakeClock } from '@signalbox/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import { PartitionKeeper } from './partition.keeper.js';

/** A database whose answer to each epoch that is taken is given by the test. */
class Epochs {
  readonly asked: { fail: () => void }[] = [];

  takeEpoch(): Promise<number> {
    return new Promise((_, reject) => this.asked.push({ fail: () => reject(new Error('unavailable')) }));
  }
}

describe('the take-over of a partition', () => {
  let epochs: Epochs;
  let clock: FakeClock;
  let keeper: PartitionKeeper;
  /** Levels of log lines. */
  let logged: string[];

  beforeEach(() => {
    epochs = new Epochs();
    clock = new FakeClock();
    logged = [];
    const nothing = (): void => undefined;
    const logger = { warn: () => logged.push('warn'), debug: () => logged.push('debug') };
    keeper = new PartitionKeeper(0, { count: 2, streams: 2, isDivided: true, isChanging: false }, {
      repository: epochs,
      canaries: { join: nothing, leave: nothing },
      clock,
      logger,
      shutdown: new AbortController().signal,
    } as never);
  });

  const passed = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

  it('takes no epoch while an earlier one may still be taken', async () => {
    keeper.deliveriesBegan();
    await passed();
    keeper.deliveriesEnded();
    keeper.deliveriesBegan();
    await passed();
    expect(epochs.asked).toHaveLength(1);
    epochs.asked[0]!.fail();
    await passed();
    expect(epochs.asked).toHaveLength(2);
  });

  it('is over before the partition is given back', async () => {
    let isClosed = false;
    keeper.deliveriesBegan();
    await passed();
    void keeper.close().then(() => (isClosed = true));
    await passed();
    expect(isClosed).toBe(false);
    epochs.asked[0]!.fail();
    await passed();
    expect([isClosed, logged]).toEqual([true, []]);
  });

  it('is tried again, with one warning', async () => {
    keeper.deliveriesBegan();
    for (let each = 0; each < 3; each += 1) {
      await passed();
      epochs.asked[each]!.fail();
      await passed();
      clock.advance(1_000);
    }
    expect(logged).toEqual(['warn', 'debug', 'debug']);
  });
});
