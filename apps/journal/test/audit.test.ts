import 'reflect-metadata';
import { askedBy, auditOf, auditRequest, type AuditCommand, type AuditRequest } from '@signalbox/contracts/messages';
import { openDatabase, type Database } from '@signalbox/persistence';
import { collectLogs, FakeClock, testDatabase, type TestDatabase } from '@signalbox/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AuditRepository } from '../src/audit/audit.repository.js';
import { AuditRetention } from '../src/audit/audit-retention.js';
import type { Config } from '../src/config.js';
import { migrations } from '../src/database/data-source.js';

describe('the audit trail', () => {
  let server: TestDatabase;
  let database: Database;
  let audit: AuditRepository;
  let made = 0;

  beforeAll(async () => {
    server = await testDatabase();
    const options = { schema: 'journal', entities: [], migrations, applicationName: 'test', poolSize: 5 };
    database = await openDatabase({ url: server.url, ...options, logger: collectLogs().logger });
    audit = new AuditRepository(database);
  });
  afterAll(async () => {
    await database?.close();
    await server?.remove();
  });

  const entry = (more: Partial<AuditCommand> = {}): AuditCommand => ({
    ...auditOf(askedBy.parse({ key_id: 'key_1', name: 'deploy', request_id: `req_${made++}`, address: '::1' }), {
      at: 1_000,
      action: 'put-package',
      resource: 'shop/orders',
      detail: { why: 'test' },
    }),
    ...more,
  });
  const add = async (...entries: AuditCommand[]): Promise<void> => {
    for (const each of entries) await audit.add(each);
  };
  const page = (request: Partial<AuditRequest> = {}) =>
    audit.page(auditRequest.parse({ before: null, limit: 1_000, ...request }));
  const resources = async (request: Partial<AuditRequest>): Promise<string[]> =>
    (await page(request)).map(({ resource }) => resource);

  /** All entries are 40 days old from now on. */
  const makeOld = async (): Promise<void> => {
    await database.dataSource.query('ALTER TABLE audit DISABLE TRIGGER append_only');
    await database.dataSource.query("UPDATE audit SET recorded_at = now() - interval '40 days'");
    await database.dataSource.query('ALTER TABLE audit ENABLE TRIGGER append_only');
  };

  it('numbers entries without a gap, and adds an action of a request once', async () => {
    const [first, second] = [entry({ via: 'key', role: 'admin', account: 'operators' }), entry()];
    await Promise.all([add(first), add(first), add({ ...first, action: 'other' })]);
    await add(second, second, entry({ resource: 'with \0' }));
    const entries = await page();
    expect(entries.map(({ number }) => number)).toEqual([4, 3, 2, 1]);
    expect(entries[0]?.resource).toBe('with \uFFFD');
    expect(entries[1]).toEqual({ ...second, number: 3 });
    expect(
      entries.find(({ action, request_id }) => action === first.action && request_id === first.request_id),
    ).toEqual({ ...first, number: expect.any(Number) as number });
  });

  it('finds by caller, action, resource and time, page by page', async () => {
    const by = { key_id: 'key_2', name: 'nightly' };
    const at = (ms: number, resource: string, action = 'put-project') => entry({ ...by, at: ms, resource, action });
    await add(at(5_000, 'a'), at(6_000, 'a/b', 'put-package'), at(7_000, 'ab'), at(8_000, 'a_c'), at(9_000, 'c'));
    expect(await resources({ actor: 'key_2' })).toEqual(['c', 'a_c', 'ab', 'a/b', 'a']);
    expect(await resources({ actor: 'nightly', action: 'put-package' })).toEqual(['a/b']);
    expect(await resources({ resource: 'a' })).toEqual(['a/b', 'a']);
    expect(await resources({ since: 6_000, until: 8_000 })).toEqual(['ab', 'a/b']);
    expect(await resources({ actor: 'other' })).toEqual([]);
    const [{ number: before } = { number: 0 }] = (await page({ actor: 'key_2', limit: 2 })).slice(-1);
    expect(await resources({ actor: 'key_2', before, limit: 2 })).toEqual(['ab', 'a/b']);
  });

  it('finds by key, result, route and address', async () => {
    const refused = { action: 'refused-requests', result: 'refused', address: '10.0.0.9' };
    await add(
      entry({ ...refused, resource: 'GET /v1/keys', route: '/v1/keys', key_id: null, name: null }),
      entry({ ...refused, resource: 'PUT /v1/tiers/:name', route: '/v1/tiers/:name', key_id: 'key_3' }),
    );
    expect(await resources({ key: 'key_3' })).toEqual(['PUT /v1/tiers/:name']);
    expect(await resources({ key: 'deploy' })).toEqual([]);
    expect(await resources({ result: 'refused' })).toEqual(['PUT /v1/tiers/:name', 'GET /v1/keys']);
    expect(await resources({ route: '/v1/keys' })).toEqual(['GET /v1/keys']);
    expect(await resources({ address: '10.0.0.9', key: 'key_3' })).toEqual(['PUT /v1/tiers/:name']);
  });

  it('refuses to change entries, and to delete those of the last 30 days', async () => {
    const before = await page();
    for (const sql of ["UPDATE audit SET result = 'x'", 'DELETE FROM audit', 'TRUNCATE audit'])
      await expect(database.dataSource.query(sql)).rejects.toThrow('only added to');
    expect(await page()).toEqual(before);
  });

  it('deletes what is older than the retention, the oldest first, and never the newest entry', async () => {
    await makeOld();
    const count = (await page()).length;
    expect(await audit.deleteOlderThan(50, 100)).toBe(0);
    expect(await audit.deleteOlderThan(35, 2)).toBe(2);
    expect((await page()).at(-1)?.number).toBe(3);
    expect(await audit.deleteOlderThan(35, 100)).toBe(count - 3);
    expect((await page()).map(({ number }) => number)).toEqual([count]);
    await add(entry());
    expect((await page())[0]?.number).toBe(count + 1);
  });

  it('deletes in one check all that is older than the retention, also more than one statement deletes', async () => {
    const before = (await page()).length;
    await database.dataSource.query(
      `INSERT INTO audit (number, at, action, resource, address, request_id, result, detail)
       SELECT (SELECT max(number) FROM audit) + n, now(), 'a', 'r', '', 'many_' || n, 'done', '{}' FROM generate_series(1, 10000) n`,
    );
    await makeOld();
    await add(entry());
    const newest = (await page({ limit: 1 }))[0]!.number;
    const config = { SIGNALBOX_AUDIT_RETENTION_DAYS: 35 } as Config;
    const { logger, lines } = collectLogs();
    await new AuditRetention(audit, config, new FakeClock(), logger).check();
    expect((await page()).map(({ number }) => number)).toEqual([newest]);
    expect(lines).toMatchObject([{ deleted: 10_000 + before, older_than_days: 35 }]);
  });
});
