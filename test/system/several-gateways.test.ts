import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ServiceProcess } from '../support/service-process.js';
import { System } from '../support/system.js';

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
