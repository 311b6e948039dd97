import { existsSync, readFileSync } from 'node:fs';
import { eventually } from '@signalbox/testing';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Registry, type RegistryInProcess } from '../support/registry.js';
import { System, type SystemInProcess } from '../support/system.js';

const CONFIG = {
  frozenConfig: false,
  projects: [
    {
      name: 'shop',
      readme: '# Shop',
      packages: [
        { name: 'orders', location: './orders' },
        { name: 'gone', location: './gone' },
        { name: 'outside', location: '../../etc' },
        { name: 'bucket', location: 's3://a-bucket/x' },
      ],
      connections: [
        {
          name: 'pg',
          type: 'postgres',
          postgresConnection: {
            host: 'db',
            port: 5432,
            userName: 'u',
            password: 'CANARY-1',
            connectionString: 'postgres://u:CANARY-2@db/x?sslmode=require',
          },
        },
        { name: 'odd', type: 'postgres', postgresConnection: { hots: 'x' } },
        { name: 'unset', type: 'mysql', mysqlConnection: { host: '${NOT_SET_ANYWHERE}' } },
        { name: 'ours', type: 'mysql', mysqlConnection: { host: '${DATABASE_URL}' } },
      ],
    },
    { name: '../evil', packages: [] },
    { name: 'empty' },
  ],
};

/** A body as a test title shows it. */
const startOf = (body: unknown): string => {
  if (body === undefined) return 'without a body';
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
};

describe('the registry API', () => {
  let system: SystemInProcess;
  let registry: RegistryInProcess;

  beforeAll(async () => {
    system = await System.inProcess();
    registry = new Registry(system);
    registry.makePackage('orders', undefined, '# Orders');
    registry.makePackage('stock');
    await system.startGateway({ SIGNALBOX_DRAIN_MS: '0' });
    await registry.start({ config: CONFIG });
    await registry.serving();
  });
  afterAll(async () => {
    await system.close();
    registry.remove();
  });

  const json = async (response: Response): Promise<[number, unknown]> => [response.status, await response.json()];
  const get = async (path: string) => json(await system.get(`/api/v0${path}`));
  const send = async (method: string, path: string, body?: unknown) =>
    json(await system.send(method, `/api/v0${path}`, body));

  const query = async <Row>(text: string): Promise<Row[]> => {
    const client = new pg.Client({ connectionString: system.database.url });
    await client.connect();
    try {
      return (await client.query(text)).rows as Row[];
    } finally {
      await client.end();
    }
  };

  it('lists what was loaded, and a load error for each entry that was not', async () => {
    const status = await registry.status();
    expect(status).toMatchObject({ initialized: true, operationalState: 'serving', frozenConfig: false });
    expect(Math.abs(status.timestamp - Date.now())).toBeLessThan(60_000);
    expect(status.projects.map(({ name }) => name)).toEqual(['empty', 'shop']);
    expect(status.projects[1]).toEqual({
      resource: '/api/v0/projects/shop',
      name: 'shop',
      readme: '# Shop',
      location: `${registry.folder}/data/projects/shop`,
      connections: [
        {
          resource: '/api/v0/projects/shop/connections/pg',
          name: 'pg',
          type: 'postgres',
          attributes: { dialectName: 'postgres', isPool: false, canPersist: true, canStream: true },
          postgresConnection: {
            host: 'db',
            port: 5_432,
            userName: 'u',
            connectionString: 'postgres://db/x?sslmode=require',
          },
        },
      ],
      packages: [
        {
          resource: '/api/v0/projects/shop/packages/orders',
          name: 'orders',
          description: 'about orders',
          location: './orders',
          readme: '# Orders',
        },
      ],
    });
    expect(
      status.loadErrors?.map(({ project, package: pkg, connection, message }) => [project, pkg ?? connection, message]),
    ).toEqual([
      ['../evil', undefined, expect.stringContaining('The name of the project must be')],
      ['shop', 'odd', expect.stringContaining('hots')],
      ['shop', 'ours', expect.stringContaining('${DATABASE_URL}')],
      ['shop', 'unset', expect.stringContaining('${NOT_SET_ANYWHERE}')],
      ['shop', 'bucket', expect.stringContaining('s3: is not supported')],
      ['shop', 'gone', expect.stringContaining('no directory')],
      ['shop', 'outside', expect.stringContaining('outside the directories')],
    ]);
    expect(JSON.stringify(status)).not.toContain('CANARY');
    expect(readFileSync(registry.configFile, 'utf8')).toContain('CANARY');
  });

  it('creates, shows, changes and deletes a project', async () => {
    const [made, project] = await send('POST', '/projects', {
      name: 'new',
      readme: 'r',
      packages: [{ name: 'stock', location: './stock' }],
      connections: [{ name: 'd', type: 'duckdb' }],
    });
    expect([made, project]).toEqual([
      200,
      expect.objectContaining({
        resource: '/api/v0/projects/new',
        connections: [
          {
            name: 'd',
            type: 'duckdb',
            attributes: { dialectName: 'duckdb', isPool: false, canPersist: true, canStream: true },
          },
        ],
        packages: [expect.objectContaining({ name: 'stock', description: 'about stock' })],
      }),
    ]);
    // The gateway that answered a write shows it at once.
    expect(await get('/projects/new')).toEqual([200, project]);
    const { location } = project as { location: string };
    expect(existsSync(location)).toBe(true);
    expect((await registry.status()).projects.map(({ name }) => name)).toContain('new');
    expect(await send('PATCH', '/projects/new', { readme: 'other' })).toEqual([
      200,
      { ...(project as object), readme: 'other' },
    ]);
    expect(await send('POST', '/projects', { name: 'new' })).toEqual([
      200,
      { ...(project as object), readme: 'other' },
    ]);
    expect(await send('DELETE', '/projects/new')).toEqual([200, { ...(project as object), readme: 'other' }]);
    expect(existsSync(location)).toBe(false);
    expect(await get('/projects/new')).toEqual([404, { code: 404, message: 'There is no project new.' }]);
    expect(await send('DELETE', '/projects/new')).toEqual([404, { code: 404, message: 'There is no project new.' }]);
  });

  it('keeps a password when the body that was read is sent back, in a connection and in a project', async () => {
    const sealed = async () =>
      (await query<{ sealed: string }>("SELECT sealed FROM registry.connection WHERE name = 'kept'"))[0]?.sealed;
    const config = { host: 'h', password: 'CANARY-3', connectionString: 'postgres://u:CANARY-4@h/d' };
    expect(
      (
        await send('POST', '/projects/shop/connections/kept', {
          name: 'kept',
          type: 'postgres',
          postgresConnection: config,
        })
      )[0],
    ).toBe(201);
    const before = await sealed();
    const [, read] = await get('/projects/shop/connections/kept');
    expect(read).toMatchObject({ postgresConnection: { host: 'h', connectionString: 'postgres://h/d' } });
    expect(await send('PATCH', '/projects/shop/connections/kept', read)).toEqual([
      200,
      { message: 'Connection kept was updated.' },
    ]);
    const [, project] = await get('/projects/shop');
    expect((await send('PATCH', '/projects/shop', project))[0]).toBe(200);
    expect((await send('POST', '/projects', project))[0]).toBe(200);
    expect(await get('/projects/shop/connections/kept')).toEqual([200, read]);
    const after = await sealed();
    expect([before, after]).toEqual([expect.stringMatching(/^v1\./), expect.stringMatching(/^v1\./)]);
    // The same credentials take the same space when sealed again.
    expect(after?.length).toBe(before?.length);
    expect((await send('DELETE', '/projects/shop/connections/kept'))[0]).toBe(200);
  });

  it('applies a change only if its If-Match names the current version or is *', async () => {
    await send('POST', '/projects/shop/connections/guarded', { type: 'mysql', mysqlConnection: { host: 'a' } });
    const etag = (await system.get('/api/v0/projects/shop/connections/guarded')).headers.get('etag') ?? '';
    const patch = (tag: string, host: string) =>
      fetch(`${system.baseUrl}/api/v0/projects/shop/connections/guarded`, {
        method: 'PATCH',
        headers: { 'x-api-key': system.adminKey, 'content-type': 'application/json', 'if-match': tag },
        body: JSON.stringify({ mysqlConnection: { host } }),
      });
    expect((await patch(etag, 'b')).status).toBe(200);
    expect(await json(await patch(etag, 'c'))).toEqual([
      412,
      { code: 412, message: expect.stringContaining('changed since') },
    ]);
    expect((await patch(`W/${etag}`, 'c')).status).toBe(412);
    expect((await patch('"nonsense"', 'c')).status).toBe(412);
    expect((await patch('*', 'd')).status).toBe(200);
    expect((await get('/projects/shop/connections/guarded'))[1]).toMatchObject({ mysqlConnection: { host: 'd' } });
    await send('DELETE', '/projects/shop/connections/guarded');
  });

  it('records every change with the key and the request', async () => {
    const [before] = await query<{ seq: string }>("SELECT seq FROM registry.stream WHERE name = 'audit'");
    const response = await system.send('POST', '/api/v0/projects', { name: 'audited' });
    await send('POST', '/projects/audited/connections/c', { type: 'duckdb' });
    await send('PATCH', '/projects/audited/connections/c', { type: 'mysql' });
    await send('DELETE', '/projects/audited');
    // They wait there: nothing keeps the audit trail in this test.
    const rows = await query<object>(
      `SELECT changes->>'key_id' AS key_id, changes->>'request_id' AS request_id, changes->>'action' AS action,
        changes->>'resource' AS resource FROM registry.outbox WHERE stream = 'audit' AND seq > ${before?.seq} ORDER BY seq`,
    );
    const [{ data: keys }] = [(await (await system.get('/v1/keys')).json()) as { data: { id: string }[] }];
    // Refused requests changed nothing and are not recorded.
    expect(rows).toEqual([
      {
        key_id: keys[0]?.id,
        request_id: response.headers.get('x-request-id'),
        action: 'put-project',
        resource: 'audited',
      },
      {
        key_id: keys[0]?.id,
        request_id: expect.stringMatching(/^req_/) as unknown,
        action: 'create-connection',
        resource: 'audited/c',
      },
      {
        key_id: keys[0]?.id,
        request_id: expect.stringMatching(/^req_/) as unknown,
        action: 'delete-project',
        resource: 'audited',
      },
    ]);
  });

  it('reloads a package or a whole project with reload=true, for a manager', async () => {
    registry.makePackage('first');
    registry.makePackage('second');
    await send('POST', '/projects', {
      name: 'again',
      packages: [
        { name: 'first', location: './first' },
        { name: 'second', location: './second' },
      ],
    });
    registry.makePackage('first', { description: 'newer' });
    expect(await get('/projects/again/packages/first?reload=false')).toMatchObject([
      200,
      { description: 'about first' },
    ]);
    expect(await get('/projects/again/packages/first?reload=true')).toMatchObject([200, { description: 'newer' }]);
    registry.makePackage('first', { description: 'newest' });
    registry.makePackage('second', 'no JSON');
    const [status, project] = await get('/projects/again?reload=true');
    // A package that cannot be loaded stays as it was, and the status has the reason.
    expect([status, project]).toMatchObject([
      200,
      { packages: [{ description: 'newest' }, { description: 'about second' }] },
    ]);
    expect((await get('/projects/again'))[1]).toEqual(project);
    const failed = async () =>
      (await registry.status()).loadErrors
        ?.filter((error) => error.project === 'again')
        .map((error) => [error.package, error.message]);
    expect(await failed()).toEqual([['second', expect.stringContaining('not JSON')]]);
    registry.makePackage('second');
    expect((await get('/projects/again?reload=true'))[0]).toBe(200);
    expect(await failed()).toEqual([]);
    expect((await get('/projects/none?reload=true'))[0]).toBe(404);
    expect((await get('/projects/again/packages/none?reload=true'))[0]).toBe(404);
    expect((await get('/projects/again/packages/first?reload=perhaps'))[0]).toBe(400);
    expect(await get('/projects/again/packages/first?versionId=1')).toEqual([
      501,
      { code: 501, message: expect.stringContaining('versionId') as unknown },
    ]);
    const { key } = (await (await system.send('POST', '/v1/keys', { name: 'reader', role: 'member' })).json()) as {
      key: string;
    };
    const asMember = async (query: string): Promise<number> =>
      (await system.get(`/api/v0/projects/again${query}`, { 'x-api-key': key })).status;
    expect([await asMember(''), await asMember('?reload=true'), await asMember('/packages/first?reload=true')]).toEqual(
      [200, 403, 403],
    );
    expect(
      await query(
        `SELECT changes->>'action' AS action, count(*)::int FROM registry.outbox
         WHERE stream = 'audit' AND changes->>'resource' LIKE 'again%' GROUP BY 1 ORDER BY 1`,
      ),
    ).toEqual([
      { action: 'put-project', count: 1 },
      { action: 'reload-package', count: 1 },
      { action: 'reload-project', count: 2 },
    ]);
    await send('DELETE', '/projects/again');
  });

  it('moves a package to the location of the last PATCH, also during a reload', async () => {
    for (const name of ['left', 'right']) registry.makePackage(name);
    await send('POST', '/projects/shop/packages', { name: 'moving', location: './left' });
    for (let round = 0; round < 10; round += 1) {
      const to = round % 2 === 0 ? 'right' : 'left';
      const [moved, described] = await Promise.all([
        send('PATCH', '/projects/shop/packages/moving', { location: `./${to}` }),
        send('PATCH', '/projects/shop/packages/moving', { description: `round ${round}` }),
      ]);
      expect([moved[0], described[0]]).toEqual([200, 200]);
      expect((await get('/projects/shop/packages/moving'))[1]).toMatchObject({
        location: `./${to}`,
        description: `round ${round}`,
      });
    }
    expect((await send('PATCH', '/projects/shop/packages/moving', { location: './left\0' }))[0]).toBe(422);
    expect((await system.send('DELETE', '/api/v0/projects/shop/packages/moving')).status).toBe(200);
  });

  it('requires the role member to read and the role manager to write', async () => {
    const raw = async (method: string, key: string | undefined, path = '/projects'): Promise<[number, unknown]> => {
      const headers = {
        ...(key !== undefined && { authorization: `Bearer ${key}` }),
        ...(method === 'POST' && { 'content-type': 'application/json' }),
      };
      return json(
        await fetch(`${system.baseUrl}/api/v0${path}`, { method, headers, ...(method === 'POST' && { body: '{}' }) }),
      );
    };
    const { key } = (await (await system.send('POST', '/v1/keys', { name: 'm', role: 'member' })).json()) as {
      key: string;
    };
    expect(await raw('GET', undefined)).toEqual([
      401,
      { code: 401, message: expect.stringContaining('API key') as unknown },
    ]);
    expect(await raw('POST', 'nonsense')).toEqual([401, { code: 401, message: expect.any(String) as unknown }]);
    expect((await raw('GET', key))[0]).toBe(200);
    expect((await raw('GET', key, '/status'))[0]).toBe(200);
    expect(await raw('POST', key)).toEqual([
      403,
      { code: 403, message: expect.stringContaining('manager') as unknown },
    ]);
    expect(await raw('POST', key, '/connections/test')).toEqual([
      403,
      { code: 403, message: expect.stringContaining('manager') as unknown },
    ]);
  });

  it('refuses a body that is too large or not JSON, and accepts a DELETE with a content type and no body', async () => {
    const post = (type: string, body: string): Promise<Response> =>
      fetch(`${system.baseUrl}/api/v0/projects`, {
        method: 'POST',
        headers: { 'x-api-key': system.adminKey, 'content-type': type },
        body,
      });
    expect(
      await json(await post('application/json', JSON.stringify({ name: 'x', readme: 'x'.repeat(3_000_000) }))),
    ).toEqual([413, { code: 413, message: expect.stringMatching(/large/) as unknown }]);
    expect(await json(await post('text/plain', '{}'))).toEqual([
      415,
      { code: 415, message: expect.stringContaining('application/json') as unknown },
    ]);
    const headers = { 'x-api-key': system.adminKey, 'content-type': 'application/json' };
    expect((await fetch(`${system.baseUrl}/api/v0/projects/none`, { method: 'DELETE', headers })).status).toBe(404);
  });

  it('answers 304 for an unchanged status, and gives each answer its own timestamp', async () => {
    const first = await system.get('/api/v0/status');
    const etag = first.headers.get('etag') ?? '';
    expect(etag).toMatch(/^W\/"/);
    expect((await system.get('/api/v0/status', { 'x-api-key': system.adminKey, 'if-none-match': etag })).status).toBe(
      304,
    );
    const { timestamp } = (await first.json()) as { timestamp: number };
    await eventually(async () => (await registry.status()).timestamp > timestamp);
    await send('POST', '/projects', { name: 'changes' });
    expect((await system.get('/api/v0/status', { 'x-api-key': system.adminKey, 'if-none-match': etag })).status).toBe(
      200,
    );
    await send('DELETE', '/projects/changes');
  });

  const refusals: [method: string, path: string, body: unknown, status: number][] = [
    ['POST', '/projects', '{"name": ', 400],
    ['POST', '/projects', {}, 400],
    ['POST', '/projects', [], 400],
    ['POST', '/projects', { name: '../trav' }, 400],
    ['POST', '/projects', { name: 'a/b' }, 400],
    ['POST', '/projects', { name: 'a\u0000b' }, 400],
    ['POST', '/projects', { name: 'x'.repeat(256) }, 400],
    ['POST', '/projects', { name: 'ok', readme: 1 }, 422],
    ['POST', '/projects', { name: 'ok', readme: 'x'.repeat(1_900_000) }, 422],
    ['POST', '/projects', { name: 'ok', connections: [{ name: 'c', type: 'oracle' }] }, 422],
    ['POST', '/projects', { name: 'ok', packages: [{ name: 'p', location: './no-such-folder' }] }, 404],
    ['POST', '/projects', { name: 'ok', packages: [{ name: 'p', location: '/etc' }] }, 404],
    ['POST', '/projects', { name: 'ok', packages: [{ name: 'p', location: 'https://u:p@h/r' }] }, 404],
    ['GET', '/projects/..%2F..%2Fetc', undefined, 400],
    ['GET', '/projects/.hidden', undefined, 400],
    ['GET', '/projects/none', undefined, 404],
    ['GET', '/projects/none/connections', undefined, 404],
    ['GET', '/projects/shop/connections/none', undefined, 404],
    ['GET', '/projects/shop/packages/none', undefined, 404],
    ['GET', '/projects/shop/packages/gone', undefined, 404],
    ['PATCH', '/projects/none', {}, 404],
    ['PATCH', '/projects/shop', { name: 'other' }, 400],
    ['DELETE', '/projects/none', undefined, 404],
    ['POST', '/projects/shop/connections/pg', { type: 'postgres', postgresConnection: { host: 'h' } }, 409],
    ['POST', '/projects/shop/connections/x', { type: 'postgres' }, 422],
    ['POST', '/projects/shop/connections/x', { type: 'mysql', mysqlConnection: {} }, 422],
    ['POST', '/projects/shop/connections/x', {}, 400],
    ['POST', '/projects/shop/connections/x', { type: 'mysql' }, 422],
    ['POST', '/projects/shop/connections/x', { type: 'postgres', postgresConnection: { port: 'x' } }, 422],
    ['POST', '/projects/shop/connections/x', { name: 'y', type: 'duckdb' }, 400],
    ['POST', '/projects/shop/connections/..%2Fx', { type: 'duckdb' }, 400],
    ['POST', '/projects/none/connections/x', { type: 'duckdb' }, 404],
    ['PATCH', '/projects/shop/connections/pg', { type: 'mysql' }, 422],
    ['PATCH', '/projects/shop/connections/none', {}, 404],
    ['DELETE', '/projects/shop/connections/none', undefined, 404],
    ['POST', '/projects/shop/packages', {}, 400],
    ['POST', '/projects/shop/packages', { name: 'none' }, 404],
    ['PATCH', '/projects/shop/packages/none', { location: './orders' }, 404],
    ['DELETE', '/projects/shop/packages/none', undefined, 404],
    ['GET', '/nothing', undefined, 404],
    ['PUT', '/projects', {}, 405],
  ];
  it.each(refusals.map(([method, path, body, status]) => [method, path, startOf(body), status, body] as const))(
    '%s %s %s is answered with %d, its code and a message',
    async (method, path, _start, status, body) => {
      const headers = {
        'x-api-key': system.adminKey,
        ...(body !== undefined && { 'content-type': 'application/json' }),
      };
      const content = body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) };
      const answer = await json(await fetch(`${system.baseUrl}/api/v0${path}`, { method, headers, ...content }));
      expect(answer).toEqual([status, { code: status, message: expect.stringMatching(/./) }]);
    },
  );
});
