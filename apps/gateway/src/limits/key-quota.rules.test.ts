import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { KeyQuota } from './key-quota.rules.js';
import { lease, type StoredQuota } from './lease.rules.js';

/** A store and the processes that lease from it. */
class World {
  stored: StoredQuota = { leased: 0, used: 0 };
  readonly processes: KeyQuota[];
  admitted = 0;
  private readonly waitingAt: number[];

  constructor(
    readonly limit: number,
    processes: number,
  ) {
    const make = () => new KeyQuota({ keyId: 'key_1', windowStart: 0, limit });
    this.processes = Array.from({ length: processes }, make);
    this.waitingAt = this.processes.map(() => 0);
  }

  get waiting(): number {
    return this.waitingAt.reduce((sum, each) => sum + each, 0);
  }

  send(process: number, requests = 1): void {
    for (let i = 0; i < requests; i++) {
      const admission = this.processes[process]!.take();
      if (admission === 'admitted') this.admitted += 1;
      if (admission === 'waits') this.waitingAt[process]! += 1;
    }
  }

  /** `meanwhile` runs while the store works. */
  exchange(process: number, { everything = false, meanwhile = () => {} } = {}): void {
    const quota = this.processes[process]!;
    const reply = lease(this.stored, quota.plan({ everything }));
    meanwhile();
    this.stored = reply.stored;
    const { admitted, refused } = quota.settle(reply.stored, reply.granted);
    this.admitted += admitted;
    this.waitingAt[process]! -= admitted + refused;
  }

  /** The store has done what was asked, or not, and the process does not know which. What waited is answered without it. */
  exchangeFails(process: number, { isDone }: { isDone: boolean }): void {
    const quota = this.processes[process]!;
    const reply = lease(this.stored, quota.plan());
    if (isDone) this.stored = reply.stored;
    quota.fail();
    this.waitingAt[process] = 0;
  }

  read(): void {
    for (const quota of this.processes) quota.rest(this.stored);
  }

  /** What processes do by themselves: read, and exchange what they have to report or to give back. */
  settleDown(): void {
    for (let round = 0; round < 20; round++) {
      this.read();
      for (const [process, quota] of this.processes.entries()) if (quota.hasNews) this.exchange(process);
    }
  }
}

describe('the quota of a key on one process', () => {
  it('admits the first request on credit, lets the others wait, and answers them when the lease has come', () => {
    const world = new World(100, 1);
    world.send(0, 5);
    expect([world.admitted, world.waiting]).toEqual([1, 4]);
    expect(world.processes[0]!.isUrgent).toBe(true);
    world.exchange(0);
    expect([world.admitted, world.waiting]).toEqual([5, 0]);
    world.send(0, 2);
    expect([world.admitted, world.waiting]).toEqual([7, 0]);
    expect(world.processes[0]!.remaining).toBe(93);
  });

  it('admits exactly the limit, and refuses from then on without asking the store', () => {
    const world = new World(100, 1);
    world.send(0, 150);
    world.exchange(0);
    expect([world.admitted, world.waiting]).toEqual([100, 0]);
    world.exchange(0);
    const [quota] = world.processes;
    expect(quota).toMatchObject({ remaining: 0, hasNews: false });
    expect(quota!.take()).toBe('refused');
    expect(quota!.hasNews).toBe(false);
  });

  it('admits one request after another up to the limit while each is reported', () => {
    const world = new World(30, 1);
    for (let i = 0; i < 40; i++) {
      world.send(0);
      world.exchange(0);
      expect(world.stored.used).toBe(Math.min(30, i + 1));
      expect(world.processes[0]!.remaining).toBe(Math.max(0, 29 - i));
    }
    expect([world.admitted, world.waiting]).toEqual([30, 0]);
  });

  it('leases more ahead the more it uses', () => {
    const world = new World(1_000_000, 1);
    world.send(0, 1);
    world.exchange(0);
    expect(world.stored.leased).toBe(1 + 10);
    world.send(0, 200);
    world.exchange(0);
    expect(world.stored.leased).toBeGreaterThan(201 + 500);
    expect(world.processes[0]!.isUrgent).toBe(false);
  });

  it('applies a changed limit at once', () => {
    const quota = new KeyQuota({ keyId: 'key_1', windowStart: 0, limit: 100 });
    quota.take();
    const reply = lease({ leased: 0, used: 0 }, quota.plan());
    quota.settle(reply.stored, reply.granted);
    expect(quota.limitedTo(1).take()).toBe('refused');
    expect(quota.remaining).toBe(0);
    expect(quota.limitedTo(1_000).take()).toBe('admitted');
    expect(quota.remaining).toBe(998);
  });

  it('counts what it admits without a limit, and reports it later', () => {
    const quota = new KeyQuota({ keyId: 'key_1', windowStart: 0, limit: 10 });
    for (let i = 0; i < 15; i++) quota.takeUnlimited();
    expect(quota.remaining).toBe(0);
    const reply = lease({ leased: 0, used: 0 }, quota.plan());
    expect(reply).toEqual({ stored: { leased: 15, used: 15 }, granted: 0 });
    quota.settle(reply.stored, reply.granted);
    expect(quota.take()).toBe('refused');
  });

  it('shows what other processes have used when it has read it', () => {
    const quota = new KeyQuota({ keyId: 'key_1', windowStart: 0, limit: 10 });
    quota.rest({ leased: 4, used: 3 });
    expect(quota.remaining).toBe(7);
  });

  it('gives its whole lease back after some seconds without a request, and at the end', () => {
    const world = new World(1_000, 2);
    world.send(0);
    world.exchange(0);
    expect(world.stored).toEqual({ leased: 11, used: 1 });
    world.settleDown();
    expect(world.stored).toEqual({ leased: 1, used: 1 });
    world.send(1);
    world.exchange(1);
    world.exchange(1, { everything: true });
    expect(world.stored).toEqual({ leased: 2, used: 2 });
  });

  it('keeps less as the budget runs low, so that another process gets it', () => {
    const world = new World(100, 2);
    world.send(0);
    world.exchange(0);
    world.send(1, 88);
    world.exchange(1);
    expect([world.admitted, world.waiting]).toEqual([89, 0]);
    world.read();
    world.exchange(0);
    world.send(1, 20);
    world.exchange(1);
    expect(world.admitted).toBeGreaterThanOrEqual(99);
  });
});

describe('several processes', () => {
  const step = fc.oneof(
    fc.record({ do: fc.constant('send' as const), process: fc.nat(3), requests: fc.integer({ min: 1, max: 30 }) }),
    fc.record({ do: fc.constant('exchange' as const), process: fc.nat(3), meanwhile: fc.nat(5) }),
    fc.record({ do: fc.constant('fail' as const), process: fc.nat(3), isDone: fc.boolean() }),
    fc.record({ do: fc.constant('read' as const) }),
  );
  const play = (world: World, steps: (typeof step extends fc.Arbitrary<infer Step> ? Step : never)[]): void => {
    for (const each of steps) {
      if (each.do === 'read') {
        world.read();
        continue;
      }
      const process = each.process % world.processes.length;
      if (each.do === 'send') world.send(process, each.requests);
      if (each.do === 'exchange') world.exchange(process, { meanwhile: () => world.send(process, each.meanwhile) });
      if (each.do === 'fail') world.exchangeFails(process, { isDone: each.isDone });
    }
  };
  const worlds = { limit: fc.integer({ min: 1, max: 200 }), processes: fc.integer({ min: 1, max: 4 }) };

  it('never admit more than the limit and one request each', () => {
    fc.assert(
      fc.property(fc.record(worlds), fc.array(step, { maxLength: 200 }), ({ limit, processes }, steps) => {
        const world = new World(limit, processes);
        play(world, steps);
        expect(world.admitted).toBeLessThanOrEqual(limit + processes);
        expect(world.stored.used).toBeLessThanOrEqual(world.stored.leased);
      }),
      { numRuns: 500 },
    );
  });

  it('know in the end what was used, and leave nothing of the limit unused', () => {
    const steps = fc.array(
      step.filter(({ do: what }) => what !== 'fail'),
      { maxLength: 200 },
    );
    fc.assert(
      fc.property(fc.record(worlds), steps, ({ limit, processes }, each) => {
        const world = new World(limit, processes);
        play(world, each);
        world.settleDown();
        expect(world.waiting).toBe(0);
        expect(world.stored).toEqual({ leased: world.admitted, used: world.admitted });
        const left = Math.max(0, limit - world.admitted);
        for (const { remaining } of world.processes) expect(remaining).toBe(left);
        world.send(0, left + 5);
        world.exchange(0);
        expect(world.admitted).toBe(Math.max(limit, world.stored.used));
        expect(world.admitted).toBeGreaterThanOrEqual(limit);
      }),
      { numRuns: 500 },
    );
  });
});
