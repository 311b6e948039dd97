import { openDatabase, type Database } from '@signalbox/persistence';
import { collectLogs, testDatabase, type TestDatabase } from '@signalbox/testing';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { entities, migrations } from '../src/database/data-source.js';
import { lease, type LeaseRequest, type StoredQuota } from '../src/limits/lease.rules.js';
import { QuotaRepository } from '../src/limits/quota.repository.js';

const HOUR = Date.UTC(2026, 0, 1, 12);
const amount = fc.nat(30);
const asked = fc.record({
  limit: fc.nat(100),
  used: amount,
  returned: amount,
  owed: amount,
  needed: amount,
  spare: amount,
});

describe('the counter store', () => {
  let server: TestDatabase;
  let database: Database;
  let store: QuotaRepository;
  let keys = 0;

  beforeAll(async () => {
    server = await testDatabase();
    database = await openDatabase({
      url: server.url,
      schema: 'gateway',
      applicationName: 'gateway',
      entities,
      migrations,
      logger: collectLogs().logger,
      poolSize: 5,
    });
    store = new QuotaRepository(database);
  });
  afterAll(async () => {
    await database?.close();
    await server?.remove();
  });

  /** Makes rows of new keys. */
  const newKeys = async (count: number): Promise<{ keyId: string; windowStart: number }[]> => {
    const made = Array.from({ length: count }, () => ({ keyId: `key_${keys++}`, windowStart: HOUR }));
    await store.prepare(made);
    return made;
  };

  it('does with each request what the rule says', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(asked, { minLength: 1, maxLength: 6 }), async (requests) => {
        const [key] = await newKeys(1);
        let expected: StoredQuota = { leased: 0, used: 0 };
        for (const each of requests) {
          const request = { ...key!, ...each };
          const { stored, granted } = lease(expected, request);
          expect(await store.lease([request])).toEqual([{ ...key!, ...stored, granted }]);
          expected = stored;
        }
      }),
      { numRuns: 50 },
    );
  });

  it('does many keys and hours at once, and leaves out those whose row is missing', async () => {
    const [one, two] = await newKeys(2);
    const later = { keyId: one!.keyId, windowStart: HOUR + 3_600_000 };
    await store.prepare([later]);
    const request = { limit: 100, used: 0, returned: 0, owed: 0, needed: 1, spare: 0 };
    const missing = { keyId: 'none', windowStart: HOUR };
    const replies = await store.lease([later, two!, missing, one!].map((key) => ({ ...request, ...key })));
    const reply = { leased: 1, used: 0, granted: 1 };
    expect(replies).toHaveLength(3);
    expect(replies).toEqual(expect.arrayContaining([later, two!, one!].map((key) => ({ ...key, ...reply }))));
    expect(await store.readAll(later.windowStart)).toEqual([{ ...later, leased: 1, used: 0 }]);
    await store.deleteBefore(HOUR + 1);
    expect(await store.readAll(HOUR)).toEqual([]);
    expect(await store.readAll(later.windowStart)).toHaveLength(1);
  });

  it('never leases beyond the limit to several processes at once, and none of them waits for another one for ever', async () => {
    const some = await newKeys(20);
    const requestsOf = (shuffled: typeof some): LeaseRequest[] =>
      shuffled.map((key) => ({ ...key, limit: 100, used: 0, returned: 0, owed: 0, needed: 3, spare: 20 }));
    const process = async (turn: number): Promise<void> => {
      for (let round = 0; round < 30; round++) await store.lease(requestsOf(turn % 2 === 0 ? some : some.toReversed()));
    };
    await Promise.all([0, 1, 2, 3].map(process));
    const rows = await store.readAll(HOUR);
    expect(rows.filter(({ keyId }) => some.some((key) => key.keyId === keyId)).map(({ leased }) => leased)).toEqual(
      some.map(() => 100),
    );
  });

  it('makes a row once, also when several processes do it at once', async () => {
    const key = { keyId: 'at-once', windowStart: HOUR };
    await Promise.all([1, 2, 3].map(() => store.prepare([key])));
    expect((await store.readAll(HOUR)).filter(({ keyId }) => keyId === 'at-once')).toHaveLength(1);
  });
});
