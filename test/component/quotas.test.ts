import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Registry, type RegistryInProcess } from '../support/registry.js';
import type { SystemInProcess } from '../support/system.js';

const QUOTAS = 'projects=2, connections=3, packages=1, readme_bytes=100, keys=3';
const connection = { type: 'mysql', mysqlConnection: { host: 'db.example' } };

describe('quotas', { timeout: 60_000 }, () => {
  let system: SystemInProcess;
  let registry: RegistryInProcess;

  beforeAll(async () => {
    registry = await Registry.withGatewayInProcess({ SIGNALBOX_QUOTAS: QUOTAS });
    ({ system } = registry);
    registry.makePackage('orders');
    registry.makePackage('returns');
    // Three projects, which the quota does not permit.
    const projects = ['a', 'b', 'c'].map((name) => ({ name, readme: name }));
    await registry.start({ config: { projects }, env: { SIGNALBOX_QUOTAS: QUOTAS } });
    await registry.serving();
  });
  afterAll(() => registry.close());

  const send = async (method: string, path: string, body?: object): Promise<[status: number, body: unknown]> => {
    const response = await system.send(method, path, body);
    return [response.status, await response.json()];
  };
  const usage = async (): Promise<Record<string, [used: number | null, limit: number]>> => {
    const [, { data }] = (await send('GET', '/v1/quotas')) as [
      number,
      { data: { name: string; used: number | null; limit: number }[] },
    ];
    return Object.fromEntries(data.map(({ name, used, limit }) => [name, [used, limit]]));
  };
  /** The answer of the registry's API to what would be more than a quota. */
  const exceeded = (quota: string, most: number, used: number) => [
    409,
    {
      code: 409,
      message: expect.stringMatching(
        new RegExp(`^The quota ${quota} is ${most} .*${used} are used.*SIGNALBOX_QUOTAS=${quota}=`),
      ),
    },
  ];

  it('do not refuse what the configuration file has, which is reported', async () => {
    expect(await usage()).toMatchObject({
      projects: [3, 2],
      connections: [0, 3],
      keys: [1, 3],
      datasources: [null, 50_000],
    });
    const logged = system
      .service('registry')
      .output.split('\n')
      .filter((line) => line.includes('more than the quota permits'));
    expect(logged.map((line) => JSON.parse(line) as object)).toEqual([
      expect.objectContaining({ quota: 'projects', used: 3, limit: 2 }),
    ]);
  });

  it('refuse one more project, while those that are there can be changed and removed', async () => {
    expect(await send('POST', '/api/v0/projects', { name: 'd' })).toEqual(exceeded('projects', 2, 3));
    expect((await send('PATCH', '/api/v0/projects/a', { readme: '# A' }))[0]).toBe(200);
    for (const name of ['b', 'c']) expect((await system.send('DELETE', `/api/v0/projects/${name}`)).status).toBe(200);
    expect((await send('POST', '/api/v0/projects', { name: 'd' }))[0]).toBe(200);
    expect((await send('POST', '/api/v0/projects', { name: 'e' }))[0]).toBe(409);
    expect((await send('GET', '/api/v0/projects/e'))[0]).toBe(404);
  });

  it('hold where many requests that would pass together arrive at once', async () => {
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, number) =>
        send('POST', `/api/v0/projects/${number % 2 === 0 ? 'a' : 'd'}/connections/c${number}`, connection),
      ),
    );
    expect(answers.map(([status]) => status).toSorted((a, b) => a - b)).toEqual([
      201, 201, 201, 409, 409, 409, 409, 409,
    ]);
    expect((await usage())['connections']).toEqual([3, 3]);
  });

  it('bound packages, and the bytes of all readmes', async () => {
    const packages = '/api/v0/projects/a/packages';
    expect((await send('POST', packages, { name: 'orders', location: './orders' }))[0]).toBe(200);
    expect(await send('POST', packages, { name: 'returns', location: './returns' })).toEqual(
      exceeded('packages', 1, 1),
    );
    expect((await send('POST', packages, { name: 'orders', location: './orders' }))[0]).toBe(200);
    expect((await send('PATCH', '/api/v0/projects/a', { readme: 'ä'.repeat(50) }))[0]).toBe(200);
    expect(await send('PATCH', '/api/v0/projects/d', { readme: 'x' })).toEqual(exceeded('readme_bytes', 100, 100));
    expect((await send('PATCH', '/api/v0/projects/a', { readme: 'a' }))[0]).toBe(200);
    expect((await send('PATCH', '/api/v0/projects/d', { readme: 'x' }))[0]).toBe(200);
  });

  it('bound keys that are valid, also where several are created or rotated at once', async () => {
    const create = () => send('POST', '/v1/keys', { name: 'k', role: 'member' });
    const answers = await Promise.all(Array.from({ length: 5 }, create));
    expect(answers.map(([status]) => status).toSorted((a, b) => a - b)).toEqual([201, 201, 409, 409, 409]);
    expect(answers.find(([status]) => status === 409)![1]).toMatchObject({
      code: 'quota_exceeded',
      detail: expect.stringContaining('The quota keys is 3') as string,
    });
    const { id } = answers.find(([status]) => status === 201)![1] as { id: string };
    expect((await send('POST', `/v1/keys/${id}/rotate`, { overlap_seconds: 60 }))[0]).toBe(409);
    expect((await system.send('DELETE', `/v1/keys/${id}`)).status).toBe(204);
    expect((await create())[0]).toBe(201);
  });
});
