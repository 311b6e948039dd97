import { createLogger, Health } from '@signalbox/platform';
import { FakeClock } from '@signalbox/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Ownership } from '../leases/share.rules.js';
import { OwnedPartitions } from './owned-partitions.js';

/** The leases of two processes, this one and `other`, in a database that can be made unavailable. */
class Leases {
  isUnavailable = false;
  me = '';
  isOtherValid = true;
  owners: (string | null)[] = [null, 'other'];
  count = 2;
  renewals = 0;

  async configure(): Promise<boolean> {
    return false;
  }

  async renew(process: string): Promise<Ownership> {
    if (this.isUnavailable) throw new Error('unavailable');
    this.me = process;
    this.renewals += 1;
    const leases = this.owners.map((owner, partition) => {
      return { partition, owner, isValid: owner === process || (owner === 'other' && this.isOtherValid) };
    });
    return { count: this.count, processes: this.isOtherValid ? ['other', process] : [process], leases };
  }

  async take(process: string, partitions: readonly number[]): Promise<number[]> {
    for (const partition of partitions) this.owners[partition] = process;
    return [...partitions];
  }

  async giveBack(process: string, partitions: readonly number[]): Promise<void> {
    for (const partition of partitions) if (this.owners[partition] === process) this.owners[partition] = null;
  }

  async endRetired(): Promise<void> {}

  async leave(): Promise<void> {
    this.owners = this.owners.map((owner) => (owner === this.me ? null : owner));
  }
}

describe('OwnedPartitions', () => {
  let leases: Leases;
  let clock: FakeClock;
  let owned: OwnedPartitions;
  let health: Health;
  /** What was done with queues. */
  let done: string[];
  let isConnected: boolean;
  /** Exchanges. */
  let deleted: string[];
  let canaryAgeMs: number;
  let isQueueThere: boolean;
  /** Resolves when the broker has given the queue to this process. */
  let consuming: Promise<void>;
  /** Whether the broker answers declarations and deletions. */
  let isBrokerSilent: boolean;

  beforeEach(() => {
    leases = new Leases();
    clock = new FakeClock();
    health = new Health();
    done = [];
    deleted = [];
    isConnected = true;
    canaryAgeMs = 0;
    isQueueThere = true;
    consuming = Promise.resolve();
    isBrokerSilent = false;
    const nothing = (): void => undefined;
    const keepers = {
      add: (number: number) => ({
        number,
        table: {},
        setPartitioning: nothing,
        giveUp: nothing,
        get canaryAgeMs() {
          return canaryAgeMs;
        },
      }),
      remove: async () => undefined,
    };
    const declareOnce = async (): Promise<void> => {
      if (isBrokerSilent) await new Promise(() => undefined);
      if (!isQueueThere) throw Object.assign(new Error('no queue'), { code: 404 });
    };
    const consumer = {
      consume: ({ number }: { number: number }) => {
        done.push(`consumes ${number}`);
        isQueueThere = true;
        return { ready: consuming, close: async () => void done.push(`leaves ${number}`) };
      },
    };
    owned = new OwnedPartitions(
      leases as never,
      keepers as never,
      { follow: nothing, stop: async () => undefined } as never,
      { start: nothing, follow: nothing, stop: async () => undefined } as never,
      consumer as never,
      { setCount: nothing } as never,
      {
        status: () => ({ up: isConnected }),
        deleteUnused: async () => true,
        deleteExchanges: async (names: readonly string[]) => void deleted.push(...names),
        declareOnce,
        undeclare: async () => undefined,
      } as never,
      { HEARTBEAT_PARTITIONS: 2 } as never,
      clock,
      health,
      createLogger({ name: 'test', level: 'silent' }),
      new AbortController().signal,
    );
  });

  const passed = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  const turns = async (count: number): Promise<void> => {
    for (let turn = 0; turn < count; turn += 1) {
      clock.advance(1_000);
      await passed();
    }
  };
  const started = async (): Promise<void> => {
    await owned.onApplicationBootstrap();
    await passed();
  };
  const shown = () => health.report().checks['partitions']?.detail;

  it('is ready when it consumes its share', async () => {
    await started();
    expect(done).toEqual(['consumes 0']);
    expect(shown()).toBe('0 of 2');
  });

  it('takes the partition of a process that ended', async () => {
    await started();
    leases.isOtherValid = false;
    await turns(1);
    expect(shown()).toBe('0, 1 of 2');
  });

  it('gives up what another process has taken, and takes it again when it is free', async () => {
    await started();
    leases.owners = ['other', 'other'];
    await turns(1);
    expect([done, shown()]).toEqual([['consumes 0', 'leaves 0'], 'none of 2']);
    leases.owners = [null, 'other'];
    await turns(1);
    expect(shown()).toBe('0 of 2');
  });

  it('keeps what it has while the database is unavailable, and then takes nothing before others could renew their leases', async () => {
    await started();
    leases.isUnavailable = true;
    await turns(4);
    leases.isUnavailable = false;
    leases.isOtherValid = false;
    await turns(3);
    expect([done, shown()]).toEqual([['consumes 0'], '0 of 2']);
    await turns(1);
    expect(shown()).toBe('0, 1 of 2');
  });

  it('lets its leases end while it is not connected to the broker, and renews them when it is', async () => {
    await started();
    isConnected = false;
    await turns(5);
    const { renewals } = leases;
    await turns(10);
    expect(leases.renewals).toBe(renewals);
    isConnected = true;
    await turns(1);
    expect([leases.renewals, done, shown()]).toEqual([renewals + 1, ['consumes 0'], '0 of 2']);
  });

  it('deletes the ways to partitions beyond the count when it starts, which are those of a database before', async () => {
    await started();
    await turns(1);
    expect(deleted.at(0)).toBe('signalbox.heartbeats.p.2');
    expect(deleted.at(-1)).toBe('signalbox.heartbeats.p.63.held');
  });

  it('deletes the way to a retired partition that ended while it still had its queue', async () => {
    await started();
    leases.isOtherValid = false;
    await turns(1);
    deleted = [];
    leases.count = 1;
    leases.owners.length = 1;
    await turns(2);
    expect(done).toEqual(['consumes 0', 'consumes 1', 'leaves 1']);
    expect(deleted.at(0)).toBe('signalbox.heartbeats.p.1');
  });

  it('consumes again where no canary arrives because the queue has disappeared', async () => {
    await started();
    canaryAgeMs = 6_000;
    await turns(1);
    expect(done).toEqual(['consumes 0']);
    isQueueThere = false;
    await turns(2);
    expect(done).toEqual(['consumes 0', 'leaves 0', 'consumes 0']);
  });

  it('renews its leases while the broker does not answer', async () => {
    await started();
    canaryAgeMs = 6_000;
    isBrokerSilent = true;
    await turns(2);
    const { renewals } = leases;
    await turns(5);
    expect(leases.renewals).toBe(renewals + 5);
  });

  it('renews its leases while it waits for a queue that another process has', async () => {
    consuming = new Promise(() => undefined);
    void owned.onApplicationBootstrap();
    await passed();
    const { renewals } = leases;
    await turns(3);
    expect(leases.renewals).toBe(renewals + 3);
  });

  it('gives its leases back when it stops', async () => {
    await started();
    await owned.beforeApplicationShutdown();
    expect([done, leases.owners]).toEqual([
      ['consumes 0', 'leaves 0'],
      [null, 'other'],
    ]);
  });
});
