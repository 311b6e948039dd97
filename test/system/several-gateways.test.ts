import type { ServiceStatus } from '@signalbox/contracts/http';
import { eventually } from '@signalbox/testing';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { limitedKey } from '../support/accounts.js';
import { ServiceProcess } from '../support/service-process.js';
import { System } from '../support/system.js';

const HOUR_MS = 3_600_000;

/** `ROUNDS=20 npx vitest run --project system several-gateways` starts more of them at once. */
const ROUNDS = Number(process.env['ROUNDS'] ?? 2);

describe('several gateways', () => {
  let system: System;
  beforeAll(async () => {
    system = await System.create();
    await system.startGatewayProcess();
  });
  afterAll(async () => {
    await system.close();
  });

  it('admits at most one request for each process beyond the limit, and shows the same in header, body and store', async () => {
    const others = [1, 2].map(() => new ServiceProcess('gateway', system.gatewayEnvironment()));
    const ports = await Promise.all(others.map(async ({ ready }) => (await ready).port));
    const urls = [system.baseUrl, ...ports.map((port) => `http://127.0.0.1:${port}`)];
    const store = new pg.Client({ connectionString: system.database.url });
    await store.connect();
    // A quota ends with the hour: the test must not run across the end of one.
    await eventually(() => Date.now() % HOUR_MS < HOUR_MS - 60_000, { timeoutMs: 90_000 });
    const { id, key } = await limitedKey(system, { tier: 'small', hour: 90 });
    const use = (url: string): Promise<Response> => fetch(`${url}/v1/status`, { headers: { 'x-api-key': key } });
    const used = async (): Promise<number> => {
      const { rows } = await store.query<{ used: string }>('SELECT used FROM gateway.quota WHERE key_id = $1', [id]);
      return Number(rows[0]?.used ?? 0);
    };
    for (const url of urls) await eventually(async () => (await use(url)).status !== 401);
    await eventually(async () => (await used()) === urls.length);

    const answers = await Promise.all(Array.from({ length: 200 }, (_, n) => use(urls[n % urls.length]!)));
    const isAdmitted = ({ status }: Response): boolean => status !== 429;
    let admitted = urls.length + answers.filter(isAdmitted).length;
    // What one process has leased and not used becomes free for the others within seconds.
    await eventually(
      async () => {
        const more = await Promise.all(urls.map(use));
        admitted += more.filter(isAdmitted).length;
        return admitted >= 90 && !more.some(isAdmitted);
      },
      { everyMs: 500 },
    );
    expect(admitted).toBeLessThanOrEqual(90 + urls.length);
    await eventually(async () => (await used()) === admitted);

    await system.send('PUT', '/v1/tiers/small', { requests_per_hour: 1_000, burst_per_second: 1_000 });
    for (const url of urls) {
      const shown = await eventually(
        async () => {
          const before = await used();
          const response = await use(url);
          const { data } = (await response.json()) as ServiceStatus;
          const { remaining, limit } = data.account.rate_limits;
          expect(response.headers.get('x-ratelimit-remaining')).toBe(String(remaining));
          // What was used on another process is known here within about a second.
          return limit === 1_000 && Math.abs(limit - before - 1 - remaining) <= 1 && { remaining };
        },
        { everyMs: 1_000 },
      );
      expect(shown.remaining).toBeLessThan(1_000 - 90);
    }
    await store.end();
    await Promise.all(others.map((gateway) => gateway.stop()));
  });

  it('rejects a revoked key on every gateway, also after their restart', async () => {
    const made = (await (await system.send('POST', '/v1/keys', { name: 'shared', role: 'admin' })).json()) as {
      id: string;
      key: string;
    };
    const first = system.baseUrl;
    const second = new ServiceProcess('gateway', system.gatewayEnvironment());
    const { port } = await second.ready;
    const useThere = async () =>
      (await fetch(`http://127.0.0.1:${port}/status`, { headers: { 'x-api-key': made.key } })).status;
    await expect.poll(useThere, { timeout: 30_000 }).toBe(200);
    await system.send('DELETE', `/v1/keys/${made.id}`);
    expect((await fetch(`${first}/status`, { headers: { 'x-api-key': made.key } })).status).toBe(401);
    await expect.poll(useThere, { timeout: 30_000 }).toBe(401);
    await second.stop();
    await system.kill('gateway');
    await system.startGateway();
    expect((await system.get('/status', { 'x-api-key': made.key })).status).toBe(401);
  });
});

it('creates one first key when several gateways start at once', async () => {
  for (let round = 0; round < ROUNDS; round += 1) {
    const system = await System.create();
    const gateways = Array.from({ length: 3 }, () => new ServiceProcess('gateway', system.gatewayEnvironment()));
    const ports = await Promise.all(gateways.map(async ({ ready }) => (await ready).port));
    const names = async (): Promise<string[] | undefined> => {
      const response = await fetch(`http://127.0.0.1:${ports[0]}/v1/keys`, {
        headers: { 'x-api-key': system.adminKey },
      });
      return response.ok
        ? ((await response.json()) as { data: { name: string }[] }).data.map(({ name }) => name)
        : undefined;
    };
    await expect.poll(names, { timeout: 30_000 }).toEqual(['bootstrap']);
    await Promise.all(gateways.map((gateway) => gateway.stop()));
    await system.close();
  }
});
