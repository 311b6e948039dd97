import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { limitedKey } from '../support/accounts.js';
import { System, type SystemInProcess } from '../support/system.js';

describe('/v1/accounts and /v1/tiers', () => {
  let system: SystemInProcess;
  beforeAll(async () => {
    system = await System.inProcess();
    await system.startGateway();
  });
  afterAll(async () => {
    await system.close();
  });

  const json = async <T>(path: string): Promise<T> => (await (await system.get(path)).json()) as T;
  const refused = async (response: Response) => [response.status, ((await response.json()) as { code: string }).code];

  it('begin with an account for the first key, and with `default` on the tier `standard` for all others', async () => {
    expect(await json('/v1/tiers')).toEqual({
      data: [
        { name: 'operators', requests_per_hour: 1_000_000, burst_per_second: 10_000 },
        { name: 'standard', requests_per_hour: 1_000, burst_per_second: 100 },
      ],
    });
    const { data } = await json<{ data: { id: string; tier: string }[] }>('/v1/accounts');
    expect(new Map(data.map(({ id, tier }) => [id, tier]))).toEqual(
      new Map([
        ['default', 'standard'],
        ['operators', 'operators'],
      ]),
    );
    expect(await json('/v1/keys')).toMatchObject({ data: [{ name: 'bootstrap', account: 'operators' }] });
    const made = await system.send('POST', '/v1/keys', { name: 'another' });
    expect(await made.json()).toMatchObject({ account: 'default' });
  });

  it('create and replace tiers, also very large ones', async () => {
    const large = { requests_per_hour: 1_000_000, burst_per_second: 10_000 };
    const made = await system.send('PUT', '/v1/tiers/large', large);
    expect([made.status, await made.json()]).toEqual([201, { name: 'large', ...large }]);
    const larger = { requests_per_hour: 1_000_000_000, burst_per_second: 1_000_000 };
    const replaced = await system.send('PUT', '/v1/tiers/large', larger);
    expect([replaced.status, await replaced.json()]).toEqual([200, { name: 'large', ...larger }]);
    expect(await json('/v1/tiers')).toMatchObject({
      data: [{ name: 'large', ...larger }, { name: 'operators' }, { name: 'standard' }],
    });
  });

  it('delete a tier, but not while an account has it', async () => {
    const { account } = await limitedKey(system, { tier: 'short-lived', hour: 10 });
    expect(await refused(await system.send('DELETE', '/v1/tiers/short-lived'))).toEqual([409, 'tier_in_use']);
    expect((await system.send('PATCH', `/v1/accounts/${account}`, { tier: 'standard' })).status).toBe(200);
    expect((await system.send('DELETE', '/v1/tiers/short-lived')).status).toBe(204);
    expect(await refused(await system.send('DELETE', '/v1/tiers/short-lived'))).toEqual([404, 'tier_not_found']);
  });

  it('create accounts and change them', async () => {
    const made = await system.send('POST', '/v1/accounts', { name: 'A company' });
    expect(made.status).toBe(201);
    const account = (await made.json()) as { id: string };
    expect(account).toMatchObject({ name: 'A company', tier: 'standard' });
    const renamed = await system.send('PATCH', `/v1/accounts/${account.id}`, { name: 'Another company' });
    expect([renamed.status, await renamed.json()]).toEqual([200, { ...account, name: 'Another company' }]);
    expect(await json(`/v1/accounts/${account.id}`)).toEqual({ ...account, name: 'Another company' });
    const key = await system.send('POST', '/v1/keys', { name: 'theirs', account: account.id });
    expect([key.status, await key.json()]).toEqual([201, expect.objectContaining({ account: account.id })]);
  });

  it.each([
    ['an unknown account', 'GET', '/v1/accounts/none', undefined, 404, 'account_not_found'],
    ['an unknown account', 'PATCH', '/v1/accounts/none', { name: 'x' }, 404, 'account_not_found'],
    ['an unknown account', 'POST', '/v1/keys', { name: 'x', account: 'none' }, 400, 'invalid_request'],
    ['an unknown tier', 'POST', '/v1/accounts', { name: 'x', tier: 'none' }, 400, 'invalid_request'],
    ['an unknown tier', 'PATCH', '/v1/accounts/default', { tier: 'none' }, 400, 'invalid_request'],
    ['no change', 'PATCH', '/v1/accounts/default', {}, 400, 'invalid_request'],
    ['no name', 'POST', '/v1/accounts', {}, 400, 'invalid_request'],
    ['a wrong name', 'PUT', '/v1/tiers/Gold%20', { requests_per_hour: 1, burst_per_second: 1 }, 400, 'invalid_name'],
    ['nothing an hour', 'PUT', '/v1/tiers/a', { requests_per_hour: 0, burst_per_second: 1 }, 400, 'invalid_request'],
    ['a part', 'PUT', '/v1/tiers/a', { requests_per_hour: 1.5, burst_per_second: 1 }, 400, 'invalid_request'],
    ['too much', 'PUT', '/v1/tiers/a', { requests_per_hour: 1e10, burst_per_second: 1 }, 400, 'invalid_request'],
    ['no burst', 'PUT', '/v1/tiers/a', { requests_per_hour: 1 }, 400, 'invalid_request'],
    ['a wrong method', 'DELETE', '/v1/accounts/default', undefined, 405, 'method_not_allowed'],
  ])('answer %s with an error that names it (%s %s)', async (_what, method, path, body, status, code) => {
    expect(await refused(await system.send(method, path, body))).toEqual([status, code]);
  });

  it('require the role admin', async () => {
    const { key } = await limitedKey(system, { tier: 'members', hour: 1_000, role: 'manager' });
    for (const path of ['/v1/accounts', '/v1/tiers'])
      expect(await refused(await system.get(path, { 'x-api-key': key }))).toEqual([403, 'insufficient_role']);
  });
});
