import { once } from 'node:events';
import { createServer as createHttpServer, type IncomingMessage } from 'node:http';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { testPackages } from '@signalbox/testing';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { MariaDb } from '../support/mariadb.js';
import { Registry, type RegistryInProcess } from '../support/registry.js';
import type { SystemInProcess } from '../support/system.js';

/** Connects to real servers: Postgres, MariaDB and DuckDB. Trino is an HTTP server of the test. */
describe('POST /api/v0/connections/test', () => {
  let system: SystemInProcess;
  let registry: RegistryInProcess;
  let mariadb: MariaDb;
  const servers: { close(): unknown }[] = [];

  beforeAll(testPackages, 600_000);
  beforeAll(async () => {
    mariadb = await MariaDb.start();
    registry = await Registry.withGatewayInProcess();
    ({ system } = registry);
    // The driver reads these two from the environment of its process.
    const { username, password } = new URL(system.database.url);
    vi.stubEnv('PGUSER', decodeURIComponent(username));
    vi.stubEnv('PGPASSWORD', decodeURIComponent(password));
    await registry.start({
      config: { frozenConfig: true },
      env: { SIGNALBOX_ALLOW_LOOPBACK_TARGETS: 'true' },
    });
    await registry.serving();
  });
  afterAll(async () => {
    vi.unstubAllEnvs();
    for (const server of servers) server.close();
    await registry.close();
    await mariadb.stop();
  });

  const attempt = async (body: unknown): Promise<[number, Record<string, string>]> => {
    const response = await system.send('POST', '/api/v0/connections/test', body);
    return [response.status, (await response.json()) as Record<string, string>];
  };
  const listen = async (server: Server): Promise<number> => {
    servers.push(server);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return (server.address() as AddressInfo).port;
  };
  const OK = [200, { status: 'ok', errorMessage: '' }];
  const failed = (text: string): unknown => [
    200,
    { status: 'failed', errorMessage: expect.stringContaining(text) as unknown },
  ];

  it('connects to Postgres, by members and by connection string, and reports the cause of a failure without the password', async () => {
    const url = new URL(system.database.url);
    const members = {
      host: url.hostname,
      port: Number(url.port),
      databaseName: url.pathname.slice(1),
      userName: url.username,
      password: decodeURIComponent(url.password),
    };
    const pg = (postgresConnection: object): object => ({ name: 'x', type: 'postgres', postgresConnection });
    expect(await attempt(pg(members))).toEqual(OK);
    expect(await attempt(pg({ connectionString: system.database.url }))).toEqual(OK);
    expect(await attempt(pg({ ...members, databaseName: 'none' }))).toEqual(failed('database "none" does not exist'));
    const [, { errorMessage }] = await attempt(pg({ ...members, password: 'CANARY-pg' }));
    expect(errorMessage).toContain('password authentication failed');
    expect(errorMessage).not.toContain('CANARY');
    expect(await attempt(pg({ connectionString: 'postgres://u:100%@127.0.0.1:1/d' }))).toEqual(failed(''));
    // The registry's own user name and password are not used for other servers.
    expect(await attempt(pg({ host: url.hostname, port: Number(url.port) }))).toEqual(failed('wants a password'));
    expect(await attempt(pg({ connectionString: `postgres://${url.username}@${url.host}${url.pathname}` }))).toEqual(
      failed('wants a password'),
    );
    expect(await attempt(pg({}))).toEqual(failed('needs a host or a connectionString'));
    expect(await attempt(pg({ connectionString: `${system.database.url}?%73slrootcert=/dev/zero` }))).toEqual(
      failed('names files (sslrootcert)'),
    );
    expect(await attempt(pg({ host: '/var/run/postgresql' }))).toEqual(failed('a path on this machine'));
  });

  it('connects to MySQL, and reports the cause of a failure without the password', async () => {
    const mysql = (members: object): object => ({
      name: 'x',
      type: 'mysql',
      mysqlConnection: { ...mariadb.connection, ...members },
    });
    expect(await attempt(mysql({}))).toEqual(OK);
    expect(await attempt(mysql({ database: 'none' }))).toEqual(failed("to database 'none'"));
    const [, { errorMessage }] = await attempt(mysql({ password: 'CANARY-mysql' }));
    expect(errorMessage).toContain('Access denied');
    expect(errorMessage).not.toContain('CANARY');
    expect(await attempt(mysql({ port: 1 }))).toEqual(failed('ECONNREFUSED'));
  });

  it('runs a statement on Trino, and does not follow it to another server', async () => {
    const asked: IncomingMessage[] = [];
    let elsewhere = false;
    const server = createHttpServer((request, response) => {
      asked.push(request);
      const base = elsewhere ? 'http://127.0.0.2:1' : `http://127.0.0.1:${port}`;
      const next =
        request.method === 'POST'
          ? { nextUri: `${base}/v1/statement/queued/1` }
          : request.url === '/v1/statement/queued/1'
            ? { nextUri: `${base}/v1/statement/executing/2` }
            : { data: [[1]] };
      response.setHeader('content-type', 'application/json').end(JSON.stringify({ id: 'q', stats: {}, ...next }));
    });
    const port = await listen(server);
    const trino = {
      name: 'x',
      type: 'trino',
      trinoConnection: { server: 'http://127.0.0.1', port, catalog: 'c', schema: 's', user: 'u' },
    };
    expect(await attempt(trino)).toEqual(OK);
    expect(asked.map(({ method, url }) => `${method} ${url}`)).toEqual([
      'POST /v1/statement',
      'GET /v1/statement/queued/1',
      'GET /v1/statement/executing/2',
    ]);
    expect(asked[0]?.headers).toMatchObject({ 'x-trino-user': 'u', 'x-trino-catalog': 'c', 'x-trino-schema': 's' });
    elsewhere = true;
    expect(await attempt(trino)).toEqual(failed('refers to another server'));
  });

  it('runs DuckDB, and tests each attached database itself', async () => {
    expect(await attempt({ name: 'x', type: 'duckdb' })).toEqual(OK);
    const attached = (connectionString: string): object => ({
      name: 'x',
      type: 'duckdb',
      duckdbConnection: {
        attachedDatabases: [{ name: 'db', type: 'postgres', postgresConnection: { connectionString } }],
      },
    });
    expect(await attempt(attached(system.database.url))).toEqual(OK);
    expect(await attempt(attached('postgres://u:CANARY-dd@127.0.0.1:1/d'))).toEqual([
      200,
      {
        status: 'failed',
        errorMessage: expect.stringMatching(/^attached database db: (?!.*CANARY).*ECONNREFUSED/) as unknown,
      },
    ]);
    const bucket = {
      name: 'lake',
      type: 's3',
      s3Connection: { accessKeyId: 'k', secretAccessKey: 's', endpoint: '169.254.169.254' },
    };
    expect(await attempt({ name: 'x', type: 'duckdb', duckdbConnection: { attachedDatabases: [bucket] } })).toEqual(
      failed('may not be connected to'),
    );
  });

  it('times out on a server that does not answer', async () => {
    const port = await listen(createServer());
    for (const body of [
      { name: 'x', type: 'postgres', postgresConnection: { host: '127.0.0.1', port } },
      { name: 'x', type: 'trino', trinoConnection: { server: `http://127.0.0.1:${port}` } },
    ]) {
      expect(await attempt(body)).toEqual(failed('within 10 s'));
    }
  }, 60_000);

  it('does not connect to an address that the deployment does not allow', async () => {
    expect(await attempt({ name: 'x', type: 'postgres', postgresConnection: { host: '169.254.169.254' } })).toEqual(
      failed('may not be connected to'),
    );
    expect(await attempt({ name: 'x', type: 'mysql', mysqlConnection: { host: '10.0.0.1' } })).toEqual(
      failed('may not be connected to'),
    );
    expect(
      await attempt({ name: 'x', type: 'trino', trinoConnection: { server: 'http://[::ffff:192.168.0.1]:8080' } }),
    ).toEqual(failed('may not be connected to'));
  });

  it('reports invalid and missing settings', async () => {
    expect(await attempt({ name: 'x', type: 'snowflake', snowflakeConnection: { account: 'a' } })).toEqual(
      failed('snowflakeConnection.username: is needed'),
    );
    expect(
      await attempt({
        name: 'x',
        type: 'snowflake',
        snowflakeConnection: { account: 'a', username: 'u', warehouse: 'w', privateKey: 'CANARY' },
      }),
    ).toEqual(failed('Reached: the form of the settings'));
    expect(await attempt({ name: 'x', type: 'oracle' })).toEqual(failed('type'));
    expect((await attempt({ name: 'x' }))[0]).toBe(400);
    expect((await attempt({}))[0]).toBe(400);
    expect((await attempt([]))[0]).toBe(400);
  });
});
