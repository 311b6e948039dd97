import { gzipSync } from 'node:zlib';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ApiDocument } from '../support/api-document.js';
import { asAxios, type AxiosCall } from '../support/as-axios.js';
import { bodyOf, FORMS } from '../support/connection-forms.js';
import type { RawAnswer } from '../support/raw-request.js';
import { Registry, type RegistryInProcess } from '../support/registry.js';
import type { SystemInProcess } from '../support/system.js';

describe('a client of the registry’s original', () => {
  let system: SystemInProcess;
  let registry: RegistryInProcess;
  let memberKey: string;
  let reachable: Record<string, unknown>;

  beforeAll(async () => {
    registry = await Registry.withGatewayInProcess();
    ({ system } = registry);
    registry.makePackage('orders');
    const { hostname, port, pathname, username, password } = new URL(system.database.url);
    reachable = {
      host: hostname,
      port,
      databaseName: pathname.slice(1),
      userName: username,
      password: decodeURIComponent(password),
      connectionString: '',
    };
    const configured = { name: 'configured', type: 'postgres', postgresConnection: reachable };
    await registry.start({
      config: {
        projects: [
          { name: 'shop', connections: [configured], packages: [{ name: 'orders', location: './orders' }] },
          { name: 'other' },
        ],
      },
      // No warehouse is asked by a test: this is the only port that may be connected to.
      env: { SIGNALBOX_ALLOW_LOOPBACK_TARGETS: 'true', SIGNALBOX_TARGET_PORTS: port },
    });
    await registry.serving();
    const response = await system.send('POST', '/v1/keys', {
      name: 'reads',
      role: 'member',
      scopes: ['registry:read'],
    });
    memberKey = ((await response.json()) as { key: string }).key;
  });
  afterAll(() => registry.close());

  const call = ({ path, ...rest }: Partial<AxiosCall> & Pick<AxiosCall, 'method' | 'path'>): Promise<RawAnswer> =>
    asAxios(system.baseUrl, { key: system.adminKey, path: `/api/v0${path}`, ...rest });
  const json = ({ body }: RawAnswer): unknown => JSON.parse(body);
  const test = async (body: string, key = system.adminKey): Promise<[number, unknown]> => {
    const reply = await call({ method: 'POST', path: '/connections/test', key, body });
    return [reply.status, json(reply)];
  };
  const sealedOf = async (name: string): Promise<number> => {
    const client = new pg.Client({ connectionString: system.database.url });
    await client.connect();
    try {
      const { rows } = await client.query('SELECT length(sealed) AS length FROM registry.connection WHERE name = $1', [
        name,
      ]);
      return (rows[0] as { length: number }).length;
    } finally {
      await client.end();
    }
  };
  const OK = [200, { status: 'ok', errorMessage: '' }];

  it.each(FORMS)('creates, edits, tests and deletes a %s connection', async (type, created, edited) => {
    const path = `/projects/shop/connections/the_${type}`;
    expect((await call({ method: 'POST', path, body: bodyOf(type, created) })).status).toBe(201);
    const before = await sealedOf(`the_${type}`);
    const reply = await call({ method: 'PATCH', path, body: bodyOf(type, edited) });
    expect([reply.status, json(reply)]).toEqual([200, { message: `Connection the_${type} was updated.` }]);
    // What was blank in the form stays: the credential has its length still.
    expect(await sealedOf(`the_${type}`)).toBe(before);
    const shown = await call({ method: 'GET', path });
    expect(json(shown)).not.toHaveProperty('resource');
    expect(JSON.stringify(json(shown))).toContain(/"port":"(\d+)"/.exec(edited)?.[1] ?? type);
    expect(shown.body).not.toMatch(/:""|"port":"/);
    const [status, outcome] = await test(bodyOf(type, created));
    expect([status, outcome]).toMatchObject([
      200,
      { status: 'failed', errorMessage: expect.stringMatching(/port \d+ may not|private_key/) as unknown },
    ]);
    expect((await call({ method: 'DELETE', path })).status).toBe(200);
  });

  it('sends only what the document describes', async () => {
    const document = new ApiDocument((await (await system.get('/openapi.json')).json()) as object);
    const bodies = FORMS.flatMap(([type, created, edited]) => [
      bodyOf(type, created),
      bodyOf(type, edited),
      bodyOf(type, created).replace(`"name":"the_${type}",`, ''),
      bodyOf(type, edited).replace(`the_${type}`, ''),
    ]).map((text) => JSON.parse(text) as unknown);
    const badPort = { type: 'mysql', mysqlConnection: { port: 'x' } };
    for (const name of ['ConnectionInput', 'ConnectionChange', 'ConnectionToTest']) {
      const problems = document.problems({ items: { $ref: `#/components/schemas/${name}` } }, [...bodies, badPort]);
      expect([name, problems.filter((problem) => !problem.startsWith(`/${bodies.length}`))]).toEqual([name, []]);
      expect([name, problems]).not.toEqual([name, []]);
    }
  });

  it('creates a connection whose name is in the path only', async () => {
    for (const [name, given] of [
      ['unnamed', ''],
      ['blank', '"name":" ",'],
    ]) {
      const path = `/projects/other/connections/${name}`;
      const body = `{${given}"type":"mysql","mysqlConnection":{"host":"h","port":"3306"}}`;
      expect((await call({ method: 'POST', path, body })).status).toBe(201);
      expect(json(await call({ method: 'GET', path }))).toMatchObject({
        name,
        mysqlConnection: { host: 'h', port: 3_306 },
      });
      expect((await call({ method: 'DELETE', path })).status).toBe(200);
    }
  });

  it('removes a setting of a connection with null, and keeps what is blank', async () => {
    const path = '/projects/other/connections/nulls';
    const create = '{"type":"postgres","postgresConnection":{"host":"h","connectionString":"postgres://u:p@other/d"}}';
    expect((await call({ method: 'POST', path, body: create })).status).toBe(201);
    const patch = async (settings: string): Promise<[number, unknown]> => {
      const { status } = await call({ method: 'PATCH', path, body: `{"postgresConnection":${settings}}` });
      return [status, json(await call({ method: 'GET', path }))];
    };
    expect(await patch('{"connectionString":"","host":""}')).toMatchObject([
      200,
      { postgresConnection: { host: 'h', connectionString: 'postgres://other/d' } },
    ]);
    const withoutString = await patch('{"connectionString":null,"port":null}');
    expect(withoutString).toMatchObject([200, { postgresConnection: { host: 'h' } }]);
    expect(withoutString[1]).not.toHaveProperty('postgresConnection.connectionString');
    // What is needed cannot be removed.
    expect(await patch('{"host":null}')).toMatchObject([422, { postgresConnection: { host: 'h' } }]);
    expect(await patch('null')).toMatchObject([422, { postgresConnection: { host: 'h' } }]);
    expect((await call({ method: 'DELETE', path })).status).toBe(200);
  });

  it('shows the description of the manifest again with null', async () => {
    const path = '/projects/shop/packages/orders';
    const patch = async (body: string): Promise<[number, unknown]> => {
      const reply = await call({ method: 'PATCH', path, body });
      return [reply.status, json(reply)];
    };
    expect(await patch('{"name":"orders","description":"own"}')).toMatchObject([200, { description: 'own' }]);
    expect(await patch('{"name":"","description":""}')).toMatchObject([200, { description: 'own' }]);
    expect(await patch('{"description":null}')).toMatchObject([200, { description: 'about orders' }]);
  });

  it('edits the connections of a project in its body', async () => {
    const path = '/projects/shop';
    const { body: text } = await call({ method: 'GET', path });
    const [, created] = FORMS.find(([type]) => type === 'mysql')!;
    const body = text.replace('"connections":[', `"connections":[${bodyOf('mysql', created)},`);
    const reply = await call({ method: 'PATCH', path, body });
    expect([reply.status, json(reply)]).toMatchObject([
      200,
      { connections: [{ name: 'configured', resource: expect.any(String) as unknown }, { name: 'the_mysql' }] },
    ]);
    // The password that was not in the body is still there.
    const stored = await call({ method: 'POST', path: `${path}/connections/configured/test` });
    expect([stored.status, json(stored)]).toEqual(OK);
    expect((await call({ method: 'PATCH', path, body: text })).status).toBe(200);
    expect(json(await call({ method: 'GET', path: `${path}/connections` }))).toHaveLength(1);
  });

  it.each([
    ['/projects/shop/connections/x', '{"name":"x","type":"mysql"}', 422, 'mysqlConnection: is needed'],
    [
      '/projects/shop/connections/x',
      '{"name":"x","type":"mysql","mysqlConnection":{"host":""}}',
      422,
      'mysqlConnection.host: is needed',
    ],
    [
      '/projects/shop/connections/x',
      '{"name":"x","type":"postgres"}',
      422,
      'postgresConnection: needs a host or a connectionString',
    ],
    [
      '/projects/shop/packages',
      '{}',
      400,
      'The name of the package must be 1 to 255 letters, digits, dots, hyphens or underscores and begin with a letter or digit.',
    ],
  ])('is refused at %s for %s with %d and a text for people', async (path, body, status, message) => {
    const reply = await call({ method: 'POST', path, body });
    expect([reply.status, json(reply)]).toEqual([status, { code: status, message }]);
  });

  it('of role member reads a connection, and has it tested as it is stored', async () => {
    const body = JSON.stringify({ name: 'made', type: 'postgres', postgresConnection: reachable });
    expect((await call({ method: 'POST', path: '/projects/other/connections/made', body })).status).toBe(201);
    for (const path of ['/projects/shop/connections/configured', '/projects/other/connections/made']) {
      const { status, body: text } = await call({ method: 'GET', path, key: memberKey });
      expect([path, status]).toEqual([path, 200]);
      expect(text).not.toContain('password');
      expect([path, await test(text, memberKey)]).toEqual([path, OK]);
      const stored = await call({ method: 'POST', path: `${path}/test`, key: memberKey });
      expect([path, stored.status, json(stored)]).toEqual([path, ...OK]);
    }
    // The stored password goes to the stored server only, and nothing but what is stored is tested for a member.
    const { body: text } = await call({ method: 'GET', path: '/projects/shop/connections/configured' });
    expect(JSON.parse(text)).toMatchObject({ resource: '/api/v0/projects/shop/connections/configured' });
    for (const other of [
      text.replace('"host":"127.0.0.1"', '"host":"127.0.0.2"'),
      text.replace(/"port":\d+/, '"port":1'),
      text.replace('"postgresConnection":{', '"postgresConnection":{"password":"guess",'),
      text.replace('"postgresConnection":{', '"postgresConnection":{"connectionString":"postgres://127.0.0.2/d",'),
      text.replace('/connections/configured', '/connections/none'),
    ]) {
      expect(other).not.toBe(text);
      expect([other, (await test(other, memberKey))[0]]).toEqual([other, 403]);
    }
    expect((await call({ method: 'POST', path: '/projects/shop/connections/none/test', key: memberKey })).status).toBe(
      404,
    );
    expect((await call({ method: 'POST', path: '/projects/none/connections/made/test', key: memberKey })).status).toBe(
      404,
    );
  });

  it('tests a connection that has no name yet', async () => {
    expect(await test(JSON.stringify({ type: 'postgres', postgresConnection: reachable }))).toEqual(OK);
    expect(await test('{"name":"","type":"duckdb"}')).toEqual(OK);
  });

  it.each(['/projects/shop', '/projects/shop/connections/configured', '/projects/shop/packages/orders'])(
    'gets %s once, and then 304',
    async (path) => {
      const first = await call({ method: 'GET', path });
      const etag = first.headers['etag'] ?? '';
      expect([first.status, etag]).toEqual([200, expect.stringMatching(/^"\d+"$/)]);
      for (const known of [etag, `W/${etag}`, `"0", ${etag}`, '*']) {
        const again = await call({ method: 'GET', path, headers: [`If-None-Match: ${known}`] });
        expect([known, again.status, again.body, again.headers['etag']]).toEqual([known, 304, '', etag]);
      }
      expect((await call({ method: 'GET', path, headers: ['If-None-Match: "0"'] })).status).toBe(200);
    },
  );

  it.each(['/projects/shop', '/projects/shop/connections/configured', '/projects/shop/packages/orders'])(
    'cannot rename %s with PATCH',
    async (path) => {
      const reply = await call({ method: 'PATCH', path, body: '{"name":"renamed"}' });
      expect([reply.status, json(reply)]).toEqual([
        400,
        { code: 400, message: expect.stringContaining('name in the path') as unknown },
      ]);
    },
  );

  it('is refused a compressed body by each API', async () => {
    const packed = gzipSync('{"name":"zipped"}');
    const errors = ['/api/v0/projects', '/v1/keys', '/v1/notices', '/v1/datasources'].map(async (path) => {
      const response = await fetch(`${system.baseUrl}${path}`, {
        method: 'POST',
        headers: { 'x-api-key': system.adminKey, 'content-type': 'application/json', 'content-encoding': 'gzip' },
        body: packed,
      });
      return [response.status, await response.json()] as const;
    });
    const message = 'The body is compressed: send it without Content-Encoding.';
    expect(await Promise.all(errors)).toEqual([
      [415, { code: 415, message }],
      [415, expect.objectContaining({ status: 415, detail: message })],
      [415, expect.objectContaining({ success: false, status_code: 415, message })],
      [415, expect.objectContaining({ type: 'AbloValidationError', message })],
    ]);
  });

  it('adds a package whose description and location were left blank: that of its name in the project', async () => {
    const body = '{"name":"orders","description":"","location":"./orders"}';
    const reply = await call({ method: 'POST', path: '/projects/other/packages', body });
    expect([reply.status, json(reply)]).toMatchObject([200, { description: 'about orders' }]);
    const none = await call({
      method: 'POST',
      path: '/projects/other/packages',
      body: '{"name":"none","description":"","location":""}',
    });
    expect([none.status, json(none)]).toMatchObject([
      404,
      { message: expect.stringContaining('It has no location') as unknown },
    ]);
  });

  it.each(['s3://my-bucket/my-package.zip', 'gs://my-bucket/my-package'])(
    'is refused a package at %s',
    async (location) => {
      const body = JSON.stringify({ name: 'bucket', description: '', location });
      const reply = await call({ method: 'POST', path: '/projects/other/packages', body });
      expect([reply.status, json(reply)]).toMatchObject([
        404,
        { message: expect.stringContaining('is not supported') as unknown },
      ]);
      expect((await registry.status()).loadErrors).toBeUndefined();
    },
  );
});
