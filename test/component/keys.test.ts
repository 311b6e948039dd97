import { eventually } from '@signalbox/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { System, type SystemInProcess } from '../support/system.js';

interface Key {
  id: string;
  key: string;
  name: string;
  role: string;
  revoked_at: string | null;
}

describe('/v1/keys', () => {
  let system: SystemInProcess;
  beforeAll(async () => {
    system = await System.inProcess();
    await system.startGateway();
  });
  afterAll(async () => {
    await system.close();
  });

  const create = async (body: unknown): Promise<Key> => {
    const response = await system.send('POST', '/v1/keys', body);
    expect(response.status).toBe(201);
    return (await response.json()) as Key;
  };
  const list = async () => ((await (await system.get('/v1/keys')).json()) as { data: Key[] }).data;
  const use = async (key: string) => (await system.get('/status', { 'x-api-key': key })).status;
  const refused = async (response: Response) => [response.status, ((await response.json()) as { code: string }).code];

  it('creates keys that work at once and are shown once', async () => {
    const made = await create({ name: 'pipeline', role: 'admin', mode: 'test' });
    expect(made.key).toMatch(/^sk_test_[0-9A-Za-z]{36}$/);
    expect(await use(made.key)).toBe(200);
    const shown = await (await system.get(`/v1/keys/${made.id}`)).json();
    expect(shown).toMatchObject({ id: made.id, name: 'pipeline', role: 'admin', mode: 'test', revoked_at: null });
    expect(JSON.stringify([shown, await list()])).not.toContain(made.key);
    await system.send('DELETE', `/v1/keys/${made.id}`);
  });

  it('revokes at once and permanently; a repeated revocation has the same result', async () => {
    const made = await create({ name: 'short-lived', role: 'admin' });
    for (let round = 0; round < 20; round++) expect(await use(made.key)).toBe(200);
    expect((await system.send('DELETE', `/v1/keys/${made.id}`)).status).toBe(204);
    expect(await use(made.key)).toBe(401);
    expect((await system.send('DELETE', `/v1/keys/${made.id}`)).status).toBe(204);
    expect(await use(made.key)).toBe(401);
    expect((await list()).find(({ id }) => id === made.id)?.revoked_at).toMatch(/Z$/);
  });

  it('rejects a key after it has expired', async () => {
    const made = await create({ name: 'ends', role: 'admin', expires_at: new Date(Date.now() + 2_000).toISOString() });
    expect(await use(made.key)).toBe(200);
    await expect.poll(() => use(made.key), { timeout: 30_000 }).toBe(401);
  });

  it('does not revoke the last key of role admin', async () => {
    const keys = await list();
    const bootstrap = keys.find(({ name }) => name === 'bootstrap')!;
    expect(await refused(await system.send('DELETE', `/v1/keys/${bootstrap.id}`))).toEqual([409, 'last_admin_key']);
    expect(await use(system.adminKey)).toBe(200);
  });

  it.each([
    ['an unknown id', 'DELETE', '/v1/keys/key_0', undefined, 404, 'key_not_found'],
    ['an unknown id', 'GET', '/v1/keys/key_0', undefined, 404, 'key_not_found'],
    ['no body', 'POST', '/v1/keys', undefined, 400, 'invalid_request'],
    ['no name', 'POST', '/v1/keys', { role: 'member' }, 400, 'invalid_request'],
    ['an unknown role', 'POST', '/v1/keys', { name: 'a', role: 'root' }, 400, 'invalid_request'],
    ['an unknown scope', 'POST', '/v1/keys', { name: 'a', scopes: ['status:admin'] }, 400, 'invalid_request'],
    ['no network', 'POST', '/v1/keys', { name: 'a', networks: ['10.0.0.1/33'] }, 400, 'invalid_request'],
    ['an unknown member', 'POST', '/v1/keys', { name: 'a', rôle: 'admin' }, 400, 'invalid_request'],
    [
      'an end in the past',
      'POST',
      '/v1/keys',
      { name: 'a', expires_at: '2020-01-01T00:00:00Z' },
      400,
      'invalid_request',
    ],
    ['a wrong method', 'PATCH', '/v1/keys', {}, 405, 'method_not_allowed'],
  ])('answers %s with an error that names it', async (_what, method, path, body, status, code) => {
    expect(await refused(await system.send(method, path, body))).toEqual([status, code]);
  });

  it('answers malformed JSON with 400 and another content type with 415', async () => {
    const post = (body: string, type: string) =>
      fetch(`${system.baseUrl}/v1/keys`, {
        method: 'POST',
        body,
        headers: { 'x-api-key': system.adminKey, 'content-type': type },
      });
    expect(await refused(await post('{"name": ', 'application/json'))).toEqual([400, 'malformed_json']);
    expect(await refused(await post('<key/>', 'text/xml'))).toEqual([415, 'unsupported_media_type']);
  });

  it.each([
    ['reader', { readers: 'llama-*' }, 'rk_live_'],
    ['agent', { dataplane: 'eu-west' }, 'ak_live_'],
  ])('makes a key for the broker of a %s, which the API does not take', async (kind, rights, prefix) => {
    const made = await create({ name: kind, kind, ...rights });
    expect(made).toMatchObject({ kind, role: 'member', readers: null, dataplane: null, ...rights });
    expect(made.key.startsWith(prefix)).toBe(true);
    const answer = await fetch(`${system.baseUrl}/v1/status`, { headers: { 'x-api-key': made.key } });
    expect([answer.status, (await answer.json()) as unknown]).toEqual([
      403,
      expect.objectContaining({ code: 'key_not_for_api' }),
    ]);
    const rotated = await system.send('POST', `/v1/keys/${made.id}/rotate`, {});
    expect(await rotated.json()).toMatchObject({ kind, readers: null, dataplane: null, ...rights });
  });

  it.each([
    [{ kind: 'reader' }, 'readers'],
    [{ kind: 'reader', readers: 'a b' }, 'readers'],
    [{ kind: 'reader', readers: 'a*', role: 'admin' }, 'role'],
    [{ kind: 'reader', readers: 'a*', scopes: ['status:read'] }, 'scopes'],
    [{ kind: 'reader', readers: 'a*', dataplane: 'eu' }, 'dataplane'],
    [{ kind: 'agent' }, 'dataplane'],
    [{ kind: 'agent', dataplane: 'EU' }, 'dataplane'],
    [{ readers: 'a*' }, 'readers'],
  ])('refuses %j, and names %s', async (rules, member) => {
    const response = await system.send('POST', '/v1/keys', { name: 'x', ...rules });
    expect(response.status).toBe(400);
    expect(await response.text()).toContain(member);
  });

  it('limits a publishable key to reads as a member', async () => {
    const made = await create({ name: 'web page', kind: 'publishable' });
    expect(made.key).toMatch(/^pk_live_/);
    expect((await system.get('/v1/status', { 'x-api-key': made.key })).status).toBe(200);
    expect(await refused(await system.send('POST', '/v1/events', {}, made.key))).toEqual([403, 'insufficient_scope']);
    for (const rule of [{ role: 'manager' }, { scopes: ['status:write'] }]) {
      const response = await system.send('POST', '/v1/keys', { name: 'x', kind: 'publishable', ...rule });
      expect(await refused(response)).toEqual([400, 'invalid_request']);
    }
  });

  it('limits a key with scopes to them', async () => {
    const { id, key } = await create({ name: 'scoped', role: 'admin', scopes: ['status:read', 'access:write'] });
    const status = (await (await system.get('/v1/status', { 'x-api-key': key })).json()) as {
      data: { account: { capabilities: string[] } };
    };
    expect(status.data.account.capabilities).toEqual(['admin', 'status:read', 'access:write']);
    const missing = await system.get('/v1/keys', { 'x-api-key': key });
    expect([missing.status, await missing.json()]).toEqual([
      403,
      expect.objectContaining({ code: 'insufficient_scope', detail: expect.stringContaining('access:read') }),
    ]);
    expect(await refused(await system.send('POST', '/v1/keys', { name: 'all' }, key))).toEqual([
      403,
      'insufficient_scope',
    ]);
    const given = { name: 'part', scopes: ['status:read'] };
    expect((await system.send('POST', '/v1/keys', given, key)).status).toBe(201);
    expect(await (await system.get(`/v1/keys/${id}`)).json()).toMatchObject({
      scopes: ['status:read', 'access:write'],
    });
  });

  it('accepts a key from its networks only', async () => {
    const here = await create({ name: 'here', role: 'admin', networks: ['192.0.2.0/24', '127.0.0.0/8', '::1/128'] });
    const elsewhere = await create({ name: 'elsewhere', role: 'admin', networks: ['192.0.2.0/24'] });
    expect(await use(here.key)).toBe(200);
    const headers = { 'x-api-key': elsewhere.key, 'x-forwarded-for': '192.0.2.1' };
    expect(await refused(await system.get('/status', headers))).toEqual([403, 'network_not_allowed']);
    expect((await list()).find(({ id }) => id === elsewhere.id)).toMatchObject({
      networks: ['192.0.2.0/24'],
      last_used_at: null,
    });
  });

  describe('rotation', () => {
    const rotate = (id: string, body?: unknown) => system.send('POST', `/v1/keys/${id}/rotate`, body);
    const show = async (id: string): Promise<unknown> => (await system.get(`/v1/keys/${id}`)).json();

    it('makes a key with the same rules, while the other one works on', async () => {
      const rules = { name: 'ci', role: 'admin', mode: 'test', networks: ['127.0.0.0/8'] };
      const first = await create({ ...rules, expires_at: new Date(Date.now() + 3_600_000).toISOString() });
      const response = await rotate(first.id, { overlap_seconds: 60 });
      expect(response.status).toBe(201);
      const second = (await response.json()) as Key & { expires_at: string };
      expect(second).toMatchObject({ ...rules, account: 'default', rotated_from: first.id, rotated_to: null });
      expect(second.key).not.toBe(first.key);
      expect(new Date(second.expires_at).getTime()).toBeGreaterThan(Date.now() + 3_000_000);
      expect([await use(first.key), await use(second.key)]).toEqual([200, 200]);
      const replaced = (await show(first.id)) as { expires_at: string };
      expect(replaced).toMatchObject({ rotated_to: second.id, rotated_from: null });
      expect(new Date(replaced.expires_at).getTime()).toBeLessThan(Date.now() + 120_000);
      expect(await refused(await rotate(first.id))).toEqual([409, 'key_already_rotated']);
    });

    it('without overlap ends the other key at once', async () => {
      const first = await create({ name: 'leaked', role: 'admin' });
      const second = (await (await rotate(first.id, { overlap_seconds: 0 })).json()) as Key;
      expect(await refused(await system.get('/status', { 'x-api-key': first.key }))).toEqual([401, 'api_key_expired']);
      expect(await use(second.key)).toBe(200);
    });

    it('does not move the end of a key that ends earlier', async () => {
      const end = new Date(Date.now() + 60_000).toISOString();
      const first = await create({ name: 'short', expires_at: end });
      expect((await rotate(first.id)).status).toBe(201);
      expect(await show(first.id)).toMatchObject({ expires_at: end });
    });

    it('is refused for a key that is unknown or was revoked, and by a key with fewer scopes', async () => {
      expect(await refused(await rotate('key_0'))).toEqual([404, 'key_not_found']);
      expect(await refused(await rotate('key_0', { overlap_seconds: 604_801 }))).toEqual([400, 'invalid_request']);
      const made = await create({ name: 'ends' });
      const { key } = await create({ name: 'scoped', role: 'admin', scopes: ['access:write'] });
      expect(await refused(await system.send('POST', `/v1/keys/${made.id}/rotate`, {}, key))).toEqual([
        403,
        'insufficient_scope',
      ]);
      await system.send('DELETE', `/v1/keys/${made.id}`);
      expect(await refused(await rotate(made.id))).toEqual([409, 'key_revoked']);
    });
  });

  it('shows when a key was used last, also after a restart of the gateway', async () => {
    const made = await create({ name: 'used', role: 'admin' });
    const lastUse = async () =>
      ((await (await system.get(`/v1/keys/${made.id}`)).json()) as { last_used_at: string | null }).last_used_at;
    expect(await lastUse()).toBeNull();
    const before = Date.now();
    expect(await use(made.key)).toBe(200);
    await system.service('gateway').stop();
    await system.startGateway();
    expect(new Date((await lastUse())!).getTime()).toBeGreaterThanOrEqual(before);
  });

  it('refuses unknown keys from an address that sends many, and accepts valid ones from there', async () => {
    // Well-formed, and unknown from now on.
    const { id, key: guess } = await create({ name: 'guess' });
    await system.send('DELETE', `/v1/keys/${id}`);
    const guesses = () => Promise.all(Array.from({ length: 100 }, () => system.get('/status', { 'x-api-key': guess })));
    const refusal = await eventually(async () => (await guesses()).find(({ status }) => status === 429));
    expect(refusal.headers.get('retry-after')).toBe('1');
    expect(await refused(refusal)).toEqual([429, 'too_many_guesses']);
    const posts = () =>
      Promise.all(Array.from({ length: 100 }, () => system.send('POST', '/v1/keys', { name: 'x' }, guess)));
    expect((await posts()).map(({ status }) => status)).toContain(429);
    const authorization = `Basic ${Buffer.from(`any:${guess}`).toString('base64')}`;
    const asPasswords = () => Promise.all(Array.from({ length: 100 }, () => system.get('/status', { authorization })));
    expect((await asPasswords()).map(({ status }) => status)).toContain(429);
    expect(await use(system.adminKey)).toBe(200);
  });

  it('requires the role admin', async () => {
    const member = await create({ name: 'm' });
    expect(await refused(await system.send('POST', '/v1/keys', { name: 'x', role: 'admin' }, member.key))).toEqual([
      403,
      'insufficient_role',
    ]);
    expect(await refused(await system.get('/v1/keys', {}))).toEqual([401, 'api_key_missing']);
  });
});

describe('errors before a controller is reached', () => {
  let system: SystemInProcess;
  beforeAll(async () => {
    system = await System.inProcess();
    await system.startGateway();
  });
  afterAll(async () => {
    await system.close();
  });

  it.each([
    ['/api/v0/nothing', ['code', 'message']],
    ['/v1/datasources/a/b/c', ['code', 'doc_url', 'message', 'request_id', 'type']],
    ['/api/v1/datasources/a/b/c', ['code', 'doc_url', 'message', 'request_id', 'type']],
    ['/api/nothing', ['detail']],
    ['/v1/status/nothing', ['code', 'message', 'request_id', 'status_code', 'success', 'suggestion']],
    ['/v1/dataplanes/none/nothing', ['code', 'detail', 'request_id', 'status', 'title', 'type']],
  ])('%s answers errors in the shape of its API', async (path, members) => {
    const unknown = await system.get(path);
    expect(unknown.status).toBe(404);
    expect(Object.keys((await unknown.json()) as object).toSorted()).toEqual(members);
    const keyless = await system.get(path, {});
    expect(keyless.status).toBe(401);
    expect(Object.keys((await keyless.json()) as object)).toEqual(expect.arrayContaining(members));
  });
});
