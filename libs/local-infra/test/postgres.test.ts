import { chmod, cp, mkdir, readdir, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import {
  describeProcess,
  postgresUrl,
  provisionPostgres,
  startPostgres,
  type PostgresServer,
  type ServiceRole,
} from '@signalbox/local-infra';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDataFolder } from '../src/postgres/data-folder.js';
import { findPostgres } from '../src/postgres/find-postgres.js';
import { chooseUser } from '../src/postgres/run-as.js';
import { processesOf, temporaryHome } from './temporary-home.js';

const services: ServiceRole[] = [
  { role: 'alpha', schema: 'alpha', password: 'alpha-1' },
  { role: 'beta_two', schema: 'beta_two', password: "it's" },
];

let temporary: Awaited<ReturnType<typeof temporaryHome>>;
let server: PostgresServer;
let home: string;

const start = (more: object = {}): Promise<PostgresServer> =>
  startPostgres({ home, logFile: path.join(temporary.folder, 'log/postgres.log'), superuserPassword: 'pw', ...more });

async function query(url: string, text: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => {});
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(text)).rows;
  } finally {
    await client.end();
  }
}
const urlOf = ({ role: user, password }: ServiceRole, database = 'things') =>
  postgresUrl({ port: server.port, user, password, database });

beforeAll(async () => {
  temporary = await temporaryHome();
  home = path.join(temporary.folder, 'postgres');
  server = await start();
});
afterAll(async () => {
  await server?.stop();
  await temporary.remove();
});

describe('a private Postgres server', () => {
  it('listens on this machine only, with logical decoding, and never as root', async () => {
    const [settings] = await query(
      server.superuserUrl(),
      "SELECT current_setting('listen_addresses') a, current_setting('wal_level') w, current_setting('unix_socket_directories') u, current_setting('fsync') f",
    );
    expect(settings).toEqual({ a: '127.0.0.1', w: 'logical', u: '', f: 'on' });
    expect((await stat(path.join(home, 'data'))).uid).not.toBe(0);
    expect((await stat(path.join(home, 'data'))).mode & 0o777).toBe(0o700);
    expect(await readdir(home)).toEqual(['data', 'process.json']);
    await expect(query(server.superuserUrl().replace(':pw@', ':wrong@'), 'SELECT 1')).rejects.toThrow(
      /password authentication failed/,
    );
    await expect(start()).rejects.toMatchObject({ code: 'already-running' });
  });

  it('gives each service a role and a schema, and no other rights', async () => {
    const [alpha, beta] = services as [ServiceRole, ServiceRole];
    const provision = () => provisionPostgres({ superuserUrl: server.superuserUrl(), database: 'things', services });
    await provision();
    await query(urlOf(alpha), 'CREATE TABLE secret_of_alpha (id int)');
    await provision();

    expect(await query(urlOf(alpha), 'SELECT current_schema() s')).toEqual([{ s: 'alpha' }]);
    await query(urlOf(beta), 'CREATE TABLE mine (id int)');
    await expect(query(urlOf(beta), 'SELECT * FROM alpha.secret_of_alpha')).rejects.toThrow(
      /permission denied for schema alpha/,
    );
    await expect(query(urlOf(beta), 'CREATE TABLE public.shared (id int)')).rejects.toThrow(
      /permission denied for schema public/,
    );
    await expect(query(urlOf(beta), 'CREATE SCHEMA other')).rejects.toThrow(/permission denied for database/);
    await expect(query(urlOf(beta), 'CREATE ROLE other')).rejects.toThrow(/permission denied/);
    await expect(query(urlOf(beta, 'postgres'), 'SELECT 1')).rejects.toThrow(/permission denied for database/);
    const [role] = await query(
      server.superuserUrl(),
      "SELECT rolsuper, rolcreatedb, rolcreaterole, rolreplication FROM pg_roles WHERE rolname = 'alpha'",
    );
    expect(role).toEqual({ rolsuper: false, rolcreatedb: false, rolcreaterole: false, rolreplication: false });

    await query(server.superuserUrl(), "CREATE ROLE stranger LOGIN PASSWORD 's'");
    await expect(query(urlOf({ role: 'stranger', schema: '', password: 's' }), 'SELECT 1')).rejects.toThrow(
      /permission denied for database/,
    );
  });

  it('changes a password when it is provisioned with another one', async () => {
    const changed = services.map((service) => ({ ...service, password: `${service.password}-new` }));
    await provisionPostgres({ superuserUrl: server.superuserUrl(), database: 'things', services: changed });
    expect(await query(urlOf(changed[1]!), 'SELECT 1 one')).toEqual([{ one: 1 }]);
    await expect(query(urlOf(services[1]!), 'SELECT 1')).rejects.toThrow(/password authentication failed/);
  });

  it('starts again right after a kill, on the same port, with its data', async () => {
    const { port } = server;
    server.kill();
    await server.exited;
    server = await start({ port });
    expect(
      await query(server.superuserUrl('things'), "SELECT count(*)::int n FROM pg_tables WHERE schemaname = 'beta_two'"),
    ).toEqual([{ n: 1 }]);
  });

  it('starts although a lock file names the pid of another program', async () => {
    server.kill();
    await server.stop();
    await writeFile(
      path.join(home, 'data/postmaster.pid'),
      `${process.pid}\n${path.join(home, 'data')}\n1\n5432\n\n127.0.0.1\n`,
    );
    server = await start();
    expect(describeProcess(server.pid)).toMatchObject({ startedAt: server.startedAt });
  });

  it('leaves no process behind when it stops, and reports a wrong password', async () => {
    await server.stop();
    expect(await server.exited).toEqual({ code: 0, signal: null });
    expect(await processesOf(temporary.folder)).toEqual([]);
    await expect(start({ superuserPassword: 'other' })).rejects.toThrow(/created with another password/);
    await expect(start({ settings: { shared_buffers: 'much' } })).rejects.toThrow(
      /ended while starting[^]*shared_buffers/,
    );
    expect(await processesOf(temporary.folder)).toEqual([]);
  });

  it.runIf(process.getuid?.() === 0)('runs without setpriv where the server’s user can pass', async () => {
    const open = await temporaryHome();
    await chmod(open.folder, 0o755);
    await mkdir(path.join(open.folder, 'postgres'), { mode: 0o755 });
    const other = await startPostgres({
      home: path.join(open.folder, 'postgres'),
      logFile: path.join(open.folder, 'log'),
      superuserPassword: 'pw',
      settings: { fsync: 'off' },
    });
    expect((await stat(`/proc/${other.pid}`)).uid).not.toBe(0);
    await other.stop();
    await open.remove();
  });

  it.runIf(process.getuid?.() === 0)(
    'runs programs that stand where the server’s user cannot look, as in a checkout of root’s',
    async () => {
      const closed = await temporaryHome();
      const { initdb } = (await findPostgres())!;
      const copy = path.join(closed.folder, 'native');
      await cp(path.dirname(path.dirname(initdb)), copy, { recursive: true, verbatimSymlinks: true });
      const installation = { initdb: path.join(copy, 'bin/initdb'), postgres: path.join(copy, 'bin/postgres') };
      const data = path.join(closed.folder, 'data');
      const runAs = await chooseUser(installation, closed.folder, data);
      expect(runAs.wrap('x', []).command).toMatch(/setpriv$/);
      await createDataFolder({
        initdb: installation.initdb,
        home: closed.folder,
        data,
        superuserPassword: 'pw',
        runAs,
        durable: false,
      });
      expect((await stat(path.join(data, 'PG_VERSION'))).uid).toBe(runAs.owner?.uid);
      await closed.remove();
    },
  );
});
