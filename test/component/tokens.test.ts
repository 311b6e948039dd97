import { createLocalJWKSet, decodeJwt, jwtVerify, type JSONWebKeySet } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ServiceInProcess } from '../support/service-in-process.js';
import { System, type SystemInProcess } from '../support/system.js';

interface Issued {
  id: string;
  key_id: string;
  token: string;
  expires_at: string;
}

interface Key {
  id: string;
  key: string;
}

/** Three gateways, as a deployment has them. */
describe('/v1/tokens', () => {
  let system: SystemInProcess;
  let others: ServiceInProcess[] = [];
  let gateways: string[] = [];
  beforeAll(async () => {
    system = await System.inProcess();
    await system.startGateway();
    others = [1, 2].map(() => new ServiceInProcess('gateway', system.gatewayEnvironment()));
    const ports = await Promise.all(others.map(async ({ ready }) => (await ready).port));
    gateways = [system.baseUrl, ...ports.map((port) => `http://127.0.0.1:${port}`)];
  });
  afterAll(async () => {
    await Promise.all(others.map((gateway) => gateway.stop()));
    await system.close();
  });

  const created = async <Body>(path: string, body: unknown, key?: string): Promise<Body> => {
    const response = await system.send('POST', path, body, key);
    expect([response.status, path]).toEqual([201, path]);
    return (await response.json()) as Body;
  };
  const newKey = (over: object = {}): Promise<Key> => created('/v1/keys', { name: 'k', role: 'admin', ...over });
  const issue = (body: object, key?: string): Promise<Issued> => created('/v1/tokens', body, key);
  const refused = async (response: Response) => [response.status, ((await response.json()) as { code: string }).code];
  const useAt = (gateway: string, credential: string, path = '/v1/status') =>
    fetch(`${gateway}${path}`, { headers: { authorization: `Bearer ${credential}` } });
  /** What each gateway answers to the credential. */
  const everywhere = (credential: string) =>
    Promise.all(gateways.map(async (gateway) => (await useAt(gateway, credential)).status));
  const becomes = async (credential: string, status: number): Promise<void> => {
    await expect
      .poll(() => everywhere(credential), { timeout: 30_000, interval: 200 })
      .toEqual([status, status, status]);
  };

  it('issues a JWT that every gateway accepts and the published keys verify', async () => {
    const { id, key } = await newKey({ scopes: ['status:read', 'access:read'] });
    const issued = await issue({ ttl_seconds: 600, role: 'member', scopes: ['status:read'], name: 'cli' }, key);
    expect(issued).toMatchObject({
      key_id: id,
      name: 'cli',
      role: 'member',
      scopes: ['status:read'],
      revoked_at: null,
    });
    await becomes(issued.token, 200);
    const jwks = await system.get('/.well-known/jwks.json', {});
    expect(jwks.headers.get('cache-control')).toMatch(/^public, max-age=\d+$/);
    const { payload } = await jwtVerify(issued.token, createLocalJWKSet((await jwks.json()) as JSONWebKeySet));
    expect(payload).toMatchObject({ iss: 'signalbox', sub: id, jti: issued.id, account: 'default', role: 'member' });
    expect(payload.exp! - payload.iat!).toBe(600);
    expect(new Date(issued.expires_at).getTime()).toBe(payload.exp! * 1_000);
  });

  it('lasts as long as GET /api says unless the request says otherwise', async () => {
    const info = (await (await system.get('/api')).json()) as { jwt_ttl_seconds: number };
    const { exp, iat } = decodeJwt((await issue({})).token);
    expect(exp! - iat!).toBe(info.jwt_ttl_seconds);
  });

  it('is accepted wherever a key is, and counts on its key', async () => {
    const { key } = await newKey();
    const { token } = await issue({}, key);
    const basic = `Basic ${Buffer.from(`anything:${token}`).toString('base64')}`;
    const remaining: number[] = [];
    for (const headers of [{ 'x-api-key': token }, { authorization: basic }, { 'x-api-key': key }]) {
      const response = await system.get('/v1/status', headers as Record<string, string>);
      expect(response.status).toBe(200);
      remaining.push(Number(response.headers.get('x-ratelimit-remaining')));
    }
    expect(remaining).toEqual([remaining[0], remaining[0]! - 1, remaining[0]! - 2]);
  });

  it('has only the role and the scopes that it was given', async () => {
    const { key } = await newKey();
    const reader = await issue({ scopes: ['status:read'] }, key);
    expect(await refused(await useAt(system.baseUrl, reader.token, '/status'))).toEqual([403, 'insufficient_scope']);
    const member = await issue({ role: 'member' }, key);
    expect(await refused(await useAt(system.baseUrl, member.token, '/status'))).toEqual([403, 'insufficient_role']);
    expect((await useAt(system.baseUrl, (await issue({}, key)).token, '/status')).status).toBe(200);
  });

  it('makes no keys and no tokens, which would outlive it', async () => {
    const { id, key } = await newKey();
    const { token } = await issue({}, key);
    for (const path of ['/v1/keys', `/v1/keys/${id}/rotate`, '/v1/tokens']) {
      const response = await system.send('POST', path, { ...(path === '/v1/keys' && { name: 'x' }) }, token);
      expect([path, await refused(response)]).toEqual([path, [403, 'key_required']]);
    }
  });

  it('works at once on the gateway that issued it, of several that are issued together', async () => {
    const { key } = await newKey();
    const tokens = await Promise.all(Array.from({ length: 10 }, () => issue({}, key)));
    const statuses = tokens.map(async ({ token }) => (await useAt(system.baseUrl, token)).status);
    expect(new Set(await Promise.all(statuses))).toEqual(new Set([200]));
  });

  it('is revoked by itself on every gateway', async () => {
    const { key } = await newKey();
    const [one, other] = [await issue({}, key), await issue({}, key)];
    await becomes(one.token, 200);
    await becomes(other.token, 200);
    for (const _again of [1, 2]) expect((await system.send('DELETE', `/v1/tokens/${one.id}`)).status).toBe(204);
    expect(await refused(await useAt(system.baseUrl, one.token))).toEqual([401, 'token_revoked']);
    await becomes(one.token, 401);
    expect(await everywhere(other.token)).toEqual([200, 200, 200]);
    const own = (await (await system.get('/v1/tokens', { 'x-api-key': other.token })).json()) as { data: Issued[] };
    expect(own.data.find(({ id }) => id === one.id)).toMatchObject({
      revoked_at: expect.stringMatching(/Z$/) as string,
    });
  });

  it('is revoked with its key on every gateway', async () => {
    const { id, key } = await newKey();
    const { token } = await issue({}, key);
    await becomes(token, 200);
    await becomes(key, 200);
    await system.send('DELETE', `/v1/keys/${id}`);
    expect(await refused(await useAt(system.baseUrl, token))).toEqual([401, 'token_revoked']);
    await becomes(key, 401);
    await becomes(token, 401);
    expect(await refused(await system.send('POST', '/v1/tokens', { key_id: id }))).toEqual([409, 'key_revoked']);
  });

  it('is listed and revoked by its key and by an admin, and by no other key', async () => {
    const [mine, other] = [await newKey({ role: 'member' }), await newKey({ role: 'member' })];
    const issued = await issue({}, mine.key);
    const listed = async (key: string): Promise<string[]> => {
      const body = (await (await system.get('/v1/tokens', { 'x-api-key': key })).json()) as { data: Issued[] };
      expect(JSON.stringify(body)).not.toContain(issued.token);
      return body.data.map(({ id }) => id);
    };
    expect(await listed(mine.key)).toEqual([issued.id]);
    expect(await listed(other.key)).toEqual([]);
    expect(await listed(system.adminKey)).toContain(issued.id);
    const revoke = (key: string) => system.send('DELETE', `/v1/tokens/${issued.id}`, undefined, key);
    expect(await refused(await revoke(other.key))).toEqual([404, 'token_not_found']);
    expect((await revoke(mine.key)).status).toBe(204);
  });

  it('is issued for another key by an admin only, and never by a token or for a publishable key', async () => {
    const [member, admin] = [await newKey({ role: 'member' }), await newKey()];
    const post = (body: object, key: string) => system.send('POST', '/v1/tokens', body, key);
    expect(await refused(await post({ key_id: admin.id }, member.key))).toEqual([403, 'insufficient_role']);
    const forMember = await issue({ key_id: member.id });
    expect(decodeJwt(forMember.token)).toMatchObject({ sub: member.id, role: 'member' });
    expect(await refused(await post({}, forMember.token))).toEqual([403, 'key_required']);
    const publishable = await newKey({ role: 'member', kind: 'publishable' });
    expect(await refused(await post({}, publishable.key))).toEqual([403, 'insufficient_scope']);
    const scoped = await newKey({ scopes: ['access:write'] });
    expect(await refused(await post({ key_id: admin.id }, scoped.key))).toEqual([403, 'insufficient_scope']);
    expect(await refused(await post({ key_id: 'key_0' }, admin.key))).toEqual([404, 'key_not_found']);
    expect(await refused(await post({ key_id: 'key\0' }, admin.key))).toEqual([400, 'invalid_request']);
  });

  it.each([
    ['a term that is too short', { ttl_seconds: 59 }],
    ['a term that is too long', { ttl_seconds: 7_776_001 }],
    ['a role above that of its key', { role: 'admin' }],
    ['a scope that its key does not have', { scopes: ['access:read'] }],
    ['no scope', { scopes: [] }],
  ])('is not issued with %s', async (_what, body) => {
    const { key } = await newKey({ role: 'member', scopes: ['status:read'] });
    expect(await refused(await system.send('POST', '/v1/tokens', body, key))).toEqual([400, 'invalid_request']);
  });

  it('is refused with the reason', async () => {
    const { token } = await issue({});
    expect(await refused(await useAt(system.baseUrl, `${token.slice(0, -4)}AAAA`))).toEqual([401, 'token_invalid']);
    expect(await refused(await useAt(system.baseUrl, 'eyJub25zZW5zZQ'))).toEqual([401, 'token_invalid']);
  });
});
