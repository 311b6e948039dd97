import { eventually, TcpProxy, testDatabase, type TestDatabase } from '@signalbox/testing';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { limitedKey, untilHourIsLong } from '../support/accounts.js';
import { metricOf } from '../support/metric-of.js';
import type { ServiceInProcess } from '../support/service-in-process.js';
import { System, type SystemInProcess } from '../support/system.js';

const HOUR_SECONDS = 3_600;

const resetTime = () => (Math.floor(Date.now() / 1_000 / HOUR_SECONDS) + 1) * HOUR_SECONDS;

interface Limits {
  limit: number;
  remaining: number;
  reset: number;
}

/** The limits in the headers of an answer, which must be the same in both forms. */
function limitsOf({ headers }: Response): Limits {
  const number = (name: string): number => Number(headers.get(name) ?? Number.NaN);
  const limits = {
    limit: number('x-ratelimit-limit'),
    remaining: number('x-ratelimit-remaining'),
    reset: number('x-ratelimit-reset'),
  };
  expect(headers.get('ratelimit')).toContain(`"hour";r=${limits.remaining};t=`);
  expect(headers.get('ratelimit-policy')).toContain(`"hour";q=${limits.limit};w=3600, "second";q=`);
  return limits;
}

describe('request limits', () => {
  let system: SystemInProcess;
  let store: pg.Client;
  const others: ServiceInProcess[] = [];

  /** Starts another gateway on the same database. Returns its address. */
  const startAnother = async (): Promise<string> => {
    const gateway = system.start('gateway', system.gatewayEnvironment());
    others.push(gateway);
    const { port } = await gateway.ready;
    const url = `http://127.0.0.1:${port}`;
    await eventually(async () => (await fetch(`${url}/v1/keys`, { headers: { 'x-api-key': system.adminKey } })).ok);
    return url;
  };

  const use = (key: string, { url = system.baseUrl, path = '/v1/status', method = 'GET' } = {}): Promise<Response> =>
    fetch(`${url}${path}`, { method, headers: { 'x-api-key': key } });

  /** What the store has of a key in this hour. */
  const stored = async (id: string): Promise<{ leased: number; used: number } | undefined> => {
    const { rows } = await store.query<{ leased: string; used: string }>(
      'SELECT leased, used FROM gateway.quota WHERE key_id = $1',
      [id],
    );
    const [row] = rows;
    return row && { leased: Number(row.leased), used: Number(row.used) };
  };

  /** How often all gateways together have decided so. */
  const decided = async (labels: { tier: string; decision: string }): Promise<number> => {
    const counts = others.map(async ({ ready }) =>
      metricOf((await ready).managementPort, 'signalbox_rate_limit_decisions_total', labels),
    );
    return (await Promise.all(counts)).reduce((sum, count) => sum + count, 0);
  };

  beforeAll(untilHourIsLong);
  beforeAll(async () => {
    system = await System.inProcess();
    await system.startGateway();
    others.push(system.service('gateway'));
    store = new pg.Client({ connectionString: system.database.url });
    await store.connect();
  });
  afterAll(async () => {
    await Promise.all(others.map((gateway) => gateway.stop()));
    await store?.end();
    await system?.close();
  });

  it('are in each answer and in the store', async () => {
    const { id, key } = await limitedKey(system, { tier: 'thousand', hour: 1_000, burst: 50 });
    for (const remaining of [999, 998, 997]) {
      const answer = await use(key);
      expect(limitsOf(answer)).toEqual({ limit: 1_000, remaining, reset: resetTime() });
      expect(answer.headers.get('ratelimit-policy')).toBe('"hour";q=1000;w=3600, "second";q=50;w=1');
    }
    await eventually(async () => (await stored(id))?.used === 3);
    // A lease that is not used is given back.
    await eventually(async () => (await stored(id))?.leased === 3);
    expect(limitsOf(await use(key)).remaining).toBe(996);
  });

  it('refuse what is beyond the quota with 429, in the shape of the API, until the next hour', async () => {
    const { id, key } = await limitedKey(system, { tier: 'three', hour: 3 });
    for (const remaining of [2, 1, 0]) {
      const answer = await use(key);
      expect([answer.status === 429, limitsOf(answer).remaining]).toEqual([false, remaining]);
    }
    const details = { limit: 3, remaining: 0, reset_time: resetTime(), window_size: 3_600 };
    const answer = await use(key);
    expect(answer.status).toBe(429);
    expect(limitsOf(answer)).toEqual({ limit: 3, remaining: 0, reset: details.reset_time });
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(await answer.json()).toMatchObject({
      success: false,
      code: 'rate_limit_error',
      status_code: 429,
      suggestion: expect.stringMatching(/Try again/) as string,
      request_id: expect.stringMatching(/^req_/) as string,
      details,
    });
    const problem = await use(key, { path: '/v1/keys' });
    expect([problem.status, await problem.json()]).toEqual([
      429,
      expect.objectContaining({ code: 'rate_limit_error', status: 429, ...details }),
    ]);
    expect((await use(key, { path: '/v1/keys', method: 'POST' })).status).toBe(429);
    await eventually(async () => (await stored(id))?.used === 3);
  });

  it('refuse what is beyond the burst, and do not count it', async () => {
    const { id, key } = await limitedKey(system, { tier: 'calm', hour: 1_000, burst: 2 });
    const answers = await Promise.all(Array.from({ length: 30 }, () => use(key)));
    const refused = answers.filter(({ status }) => status === 429);
    expect(refused.length).toBeGreaterThan(0);
    expect(answers.length - refused.length).toBeGreaterThanOrEqual(2);
    const [first] = refused;
    expect(first!.headers.get('retry-after')).toBe('1');
    expect(first!.headers.get('ratelimit')).toContain('"second";r=0;t=1');
    expect(await first!.json()).toMatchObject({ details: { limit: 2, remaining: 0, window_size: 1 } });
    await eventually(async () => (await stored(id))?.used === answers.length - refused.length);
  });

  it('count refused roles and unknown paths, and neither public paths nor other APIs', async () => {
    const { id, key } = await limitedKey(system, { tier: 'hundred', hour: 100, role: 'member' });
    const admin = await limitedKey(system, { tier: 'admins', hour: 100 });
    expect(limitsOf(await use(key, { path: '/v1/keys' }))).toMatchObject({ remaining: 99 });
    expect(limitsOf(await use(key, { path: '/v1/status/nothing' }))).toMatchObject({ remaining: 98 });
    for (const path of ['/status', '/healthz', '/health/liveness', '/api', '/api/v0/status', '/docs', '/livez', '/'])
      expect([path, (await use(admin.key, { path })).headers.get('x-ratelimit-limit')]).toEqual([path, null]);
    expect((await use('sk_live_wrong')).headers.get('x-ratelimit-limit')).toBeNull();
    await eventually(async () => (await stored(id))?.used === 2);
    expect(await stored(admin.id)).toBeUndefined();
  });

  it('change with the tier of the account and with the tier itself, at once', async () => {
    const { account, key } = await limitedKey(system, { tier: 'one', hour: 1 });
    expect([(await use(key)).status === 429, (await use(key)).status]).toEqual([false, 429]);
    await system.send('PATCH', `/v1/accounts/${account}`, { tier: 'standard' });
    expect(limitsOf(await use(key))).toMatchObject({ limit: 1_000, remaining: 998 });
    await system.send('PATCH', `/v1/accounts/${account}`, { tier: 'one' });
    expect((await use(key)).status).toBe(429);
    await system.send('PUT', '/v1/tiers/one', { requests_per_hour: 1_000_000, burst_per_second: 1_000_000 });
    expect(limitsOf(await use(key))).toMatchObject({ limit: 1_000_000, remaining: 999_997 });
  });

  it('name what other gateways have reserved', async () => {
    const { id, key } = await limitedKey(system, { tier: 'leased', hour: 1_000 });
    await use(key);
    await eventually(async () => (await stored(id))?.used === 1);
    await store.query('UPDATE gateway.quota SET leased = 1000 WHERE key_id = $1', [id]);
    const refused = await eventually(async () => {
      const answer = await use(key);
      return answer.status === 429 && answer;
    });
    expect(await refused.text()).toContain('reserved by other gateways');
    expect(await decided({ tier: 'leased', decision: 'reserved' })).toBe(1);
  });

  it('hold over all gateways together', async () => {
    const urls = [system.baseUrl, await startAnother(), await startAnother()];
    const { id, key } = await limitedKey(system, { tier: 'shared', hour: 200 });
    for (const url of urls) await eventually(async () => ![401, 429].includes((await use(key, { url })).status));
    await eventually(async () => (await stored(id))?.used === urls.length);

    const answers = await Promise.all(Array.from({ length: 450 }, (_, n) => use(key, { url: urls[n % 3]! })));
    const isAdmitted = ({ status }: Response): boolean => status !== 429;
    let admitted = urls.length + answers.filter(isAdmitted).length;
    expect(admitted).toBeLessThanOrEqual(200 + urls.length);
    const refusals = await Promise.all(answers.filter((answer) => !isAdmitted(answer)).map((answer) => answer.text()));
    const reserved = refusals.filter((text) => text.includes('reserved by other gateways'));
    expect(await decided({ tier: 'shared', decision: 'reserved' })).toBe(reserved.length);

    // What one gateway has leased and not used becomes free for the others within seconds.
    await eventually(
      async () => {
        const more = await Promise.all(urls.map((url) => use(key, { url })));
        admitted += more.filter(isAdmitted).length;
        return more.every((answer) => !isAdmitted(answer)) && admitted >= 200;
      },
      { everyMs: 500 },
    );
    expect(admitted).toBeLessThanOrEqual(200 + urls.length);
    await eventually(async () => (await stored(id))?.used === admitted);
    for (const url of urls) expect(limitsOf(await use(key, { url })).remaining).toBe(0);
  });

  it('are the same on all gateways and in the store when it is quiet', async () => {
    const urls = [system.baseUrl, await startAnother()];
    const { id, key } = await limitedKey(system, { tier: 'quiet', hour: 10_000 });
    await eventually(async () => ![401, 429].includes((await use(key, { url: urls[1]! })).status));
    await Promise.all(Array.from({ length: 100 }, (_, n) => use(key, { url: urls[n % 2]! })));
    /** Uses the key once on a gateway. Returns how far its answer and the store are apart. */
    const difference = async (url: string): Promise<number> => {
      const { used } = (await stored(id))!;
      return limitsOf(await use(key, { url })).remaining - (10_000 - used - 1);
    };
    // Longer than a gateway needs to read what was used on the other one.
    const quiet = { everyMs: 1_500 };
    for (const url of [...urls, ...urls])
      expect(await eventually(async () => (await difference(url)) === 0 && 'equal', quiet)).toBe('equal');
  });

  it('delete the rows of hours that are over, and give leases back when a gateway stops', async () => {
    const { id, key } = await limitedKey(system, { tier: 'stopping', hour: 1_000 });
    await store.query(`INSERT INTO gateway.quota VALUES (date_trunc('hour', now()) - interval '3 hours', $1, 5, 5)`, [
      id,
    ]);
    const url = await startAnother();
    await eventually(async () => ![401, 429].includes((await use(key, { url })).status));
    const used = await eventually(async () => {
      const row = await stored(id);
      return row !== undefined && row.leased > row.used && row.used;
    });
    await others.at(-1)!.stop();
    const { rows } = await store.query('SELECT leased, used FROM gateway.quota WHERE key_id = $1', [id]);
    expect(rows).toEqual([{ leased: String(used), used: String(used) }]);
  });
});

describe('request limits while the database is unavailable', () => {
  let system: SystemInProcess;
  let gateway: ServiceInProcess;
  let proxy: TcpProxy;
  let database: TestDatabase;

  beforeAll(untilHourIsLong);
  beforeAll(async () => {
    database = await testDatabase();
    const url = new URL(database.url);
    proxy = await TcpProxy.start({ port: Number(url.port) });
    url.port = String(proxy.port);
    system = await System.inProcess({ ...database, url: url.href });
    gateway = await system.startGateway();
  });
  afterAll(async () => {
    proxy?.restore();
    await system?.close();
    await proxy?.close();
  });

  it('do not limit reads, and refuse writes; afterwards the reads are counted', async () => {
    const { key } = await limitedKey(system, { tier: 'five', hour: 5 });
    const headers = { 'x-api-key': key };
    const read = () => system.get('/v1/status', headers);
    expect(limitsOf(await read()).remaining).toBe(4);

    proxy.cut();
    await eventually(() => gateway.output.includes('request counts cannot be stored'));
    const answers = await Promise.all(Array.from({ length: 20 }, read));
    expect(answers.map(({ status }) => status)).not.toContain(429);
    expect(answers.map(({ status }) => status)).not.toContain(503);
    expect(limitsOf(answers.at(-1)!).limit).toBe(5);
    const refused = await system.send('POST', '/v1/keys', { name: 'x' }, key);
    expect([refused.status, await refused.json()]).toEqual([
      503,
      expect.objectContaining({ code: 'storage_unavailable' }),
    ]);
    expect(limitsOf(refused).remaining).toBe(0);

    proxy.restore();
    await eventually(() => gateway.output.includes('request counts are stored again'));
    expect((await read()).status).toBe(429);
    await eventually(async () => (await system.send('POST', '/v1/keys', { name: 'x' })).status === 201);
  });
});
