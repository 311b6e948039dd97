import type { Database } from '@signalbox/persistence';
import { collectLogs, FakeClock } from '@signalbox/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import { lease, type LeaseRequest, type QuotaRow, type StoredQuota } from './lease.rules.js';
import { QuotaExchange } from './quota-exchange.js';
import { QuotaRepository, type LeaseReply } from './quota.repository.js';
import { Quotas } from './quotas.js';

const HOUR_MS = 3_600_000;

/** The rows in memory. It can be slow or unavailable. */
class Store extends QuotaRepository {
  readonly rows = new Map<string, StoredQuota>();
  readonly leases: (readonly LeaseRequest[])[] = [];
  deletions = 0;
  error: Error | undefined;
  pause: Promise<void> | undefined;

  constructor() {
    super({} as Database);
  }

  override async prepare(keys: readonly Pick<QuotaRow, 'keyId' | 'windowStart'>[]): Promise<void> {
    await this.answer();
    for (const { keyId, windowStart } of keys) this.rows.set(`${keyId} ${windowStart}`, { leased: 0, used: 0 });
  }

  override async lease(requests: readonly LeaseRequest[]): Promise<LeaseReply[]> {
    this.leases.push(requests);
    await this.answer();
    return requests.map((request) => {
      const { keyId, windowStart } = request;
      const { stored, granted } = lease(this.rows.get(`${keyId} ${windowStart}`)!, request);
      this.rows.set(`${keyId} ${windowStart}`, stored);
      return { keyId, windowStart, ...stored, granted };
    });
  }

  override async readAll(windowStart: number): Promise<QuotaRow[]> {
    await this.answer();
    return [...this.rows].flatMap(([id, stored]) => {
      const [keyId = '', start] = id.split(' ');
      return Number(start) === windowStart ? [{ keyId, windowStart, ...stored }] : [];
    });
  }

  override async deleteBefore(): Promise<void> {
    this.deletions += 1;
    await this.answer();
  }

  private async answer(): Promise<void> {
    await this.pause;
    if (this.error) throw this.error;
  }
}

describe('QuotaExchange', () => {
  let clock: FakeClock;
  let store: Store;
  let quotas: Quotas;
  let exchange: QuotaExchange;
  let logs: ReturnType<typeof collectLogs>;

  beforeEach(() => {
    clock = new FakeClock();
    store = new Store();
    quotas = new Quotas(clock);
    logs = collectLogs();
    exchange = new QuotaExchange(quotas, store, clock, logs.logger);
  });

  const settle = () => new Promise((resolve) => setImmediate(resolve));
  const pass = async (ms: number): Promise<void> => {
    clock.advance(ms);
    await settle();
  };
  /** Seconds in which the exchange reads and reports. */
  const passSeconds = async (seconds: number): Promise<void> => {
    for (let i = 0; i < seconds * 10; i++) await pass(100);
  };
  const quotaOf = (key: string) => quotas.of(key, 100);
  const use = (key: string): Promise<string> => {
    const quota = quotaOf(key);
    const admission = quota.take();
    if (admission === 'waits') return exchange.wait(quota);
    exchange.note(quota);
    return Promise.resolve(admission);
  };
  const row = (key: string, windowStart = quotas.beginOfHour()) => store.rows.get(`${key} ${windowStart}`);

  it('reports many uses of many keys together', async () => {
    void use('a');
    await pass(0);
    expect(store.leases).toHaveLength(1);
    const outcomes = ['a', 'b', 'a', 'b', 'a', 'b'].map(use);
    await pass(0);
    await pass(200);
    expect(new Set(await Promise.all(outcomes))).toEqual(new Set(['admitted']));
    expect([row('a')?.used, row('b')?.used]).toEqual([4, 3]);
    expect(store.leases.length).toBeLessThanOrEqual(3);
  });

  it('answers requests that wait when the lease has come', async () => {
    const outcomes = Promise.all(Array.from({ length: 120 }, () => use('a')));
    await pass(0);
    await pass(0);
    const all = await outcomes;
    expect(all.filter((outcome) => outcome === 'admitted')).toHaveLength(100);
    expect(all.filter((outcome) => outcome === 'refused')).toHaveLength(20);
  });

  it.each([
    ['fails', () => (store.error = new Error('Connection terminated'))],
    ['does not answer for two seconds', () => (store.pause = new Promise(() => undefined))],
  ])('answers requests that wait without the store when it %s', async (_what, breakDown) => {
    void breakDown();
    expect(await use('a')).toBe('admitted');
    const waiting = use('a');
    await passSeconds(2);
    expect(await waiting).toBe('unlimited');
    expect(exchange.isStoreUp).toBe(false);
    expect(JSON.stringify(logs.lines)).toContain('request counts cannot be stored');
  });

  it('reports what was used while the store was unavailable when it answers again', async () => {
    exchange.onApplicationBootstrap();
    store.error = new Error('Connection terminated');
    void use('a');
    await passSeconds(1);
    expect(exchange.isStoreUp).toBe(false);
    const quota = quotaOf('a');
    for (let i = 0; i < 150; i++) {
      quota.takeUnlimited();
      exchange.note(quota);
    }
    store.error = undefined;
    await passSeconds(2);
    expect(exchange.isStoreUp).toBe(true);
    expect(row('a')).toEqual({ leased: 151, used: 151 });
    expect(await use('a')).toBe('refused');
  });

  it('knows within a second what other processes have used', async () => {
    exchange.onApplicationBootstrap();
    store.rows.set(`a ${quotas.beginOfHour()}`, { leased: 60, used: 50 });
    await passSeconds(1.1);
    expect(quotaOf('a').remaining).toBe(50);
  });

  it('gives a lease back that is not used', async () => {
    exchange.onApplicationBootstrap();
    void use('a');
    await pass(0);
    expect(row('a')).toEqual({ leased: 11, used: 1 });
    await passSeconds(7);
    expect(row('a')).toEqual({ leased: 1, used: 1 });
  });

  it('gives every lease back at the end', async () => {
    void use('a');
    void use('b');
    await pass(0);
    void use('a');
    await exchange.beforeApplicationShutdown();
    expect([row('a'), row('b')]).toEqual([
      { leased: 2, used: 2 },
      { leased: 1, used: 1 },
    ]);
    expect(exchange.isStoreUp).toBe(false);
  });

  it('answers the requests that come while the leases are given back', async () => {
    void use('a');
    await pass(0);
    let resume = (): void => undefined;
    store.pause = new Promise((resolve) => (resume = resolve));
    const stopping = exchange.beforeApplicationShutdown();
    await settle();
    const late = ['a', 'a', 'a'].map(use);
    resume();
    await stopping;
    for (const outcome of await Promise.all(late)) expect(['admitted', 'unlimited']).toContain(outcome);
  });

  it('keeps its limits when the rows of past hours cannot be deleted', async () => {
    exchange.onApplicationBootstrap();
    store.deleteBefore = () => Promise.reject(new Error('permission denied'));
    await passSeconds(2);
    expect(exchange.isStoreUp).toBe(true);
    expect(JSON.stringify(logs.lines)).toContain('counts of past hours were not deleted');
  });

  it('does not hold the end up where the store does not answer', async () => {
    void use('a');
    store.pause = new Promise(() => undefined);
    await pass(0);
    const stopping = exchange.beforeApplicationShutdown();
    await passSeconds(3);
    await expect(stopping).resolves.toBeUndefined();
  });

  it('begins again with each hour, and deletes the rows of hours that are over once', async () => {
    exchange.onApplicationBootstrap();
    const outcomes = Array.from({ length: 100 }, () => use('a'));
    await passSeconds(1);
    expect(new Set(await Promise.all(outcomes))).toEqual(new Set(['admitted']));
    expect(await use('a')).toBe('refused');
    const before = quotas.beginOfHour();
    await passSeconds(2);
    expect(store.deletions).toBe(1);
    clock.jumpWallClock(HOUR_MS);
    expect(await use('a')).toBe('admitted');
    await passSeconds(2);
    expect(row('a')?.used).toBe(1);
    expect(row('a', before)?.used).toBe(100);
    expect(store.deletions).toBe(2);
  });
});
