import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { freePort } from '@signalbox/local-infra';
import { selfSigned } from '@signalbox/testing';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { openClient } from '../../src/postgres/connect/open-client.js';
import { checkPostgres } from '../../src/postgres/index.js';
import type { DirectAssignment, DirectSource } from '../../src/work/assignment.js';
import type { CheckResult } from '../../src/work/follower.js';
import { SourceServer } from './support/source-server.js';

let server: SourceServer;
let cert: string;

const READY = `CREATE TABLE orders (id int PRIMARY KEY); CREATE PUBLICATION signalbox_publication FOR TABLES IN SCHEMA public;
  CREATE ROLE follower LOGIN REPLICATION PASSWORD 'right'; GRANT USAGE ON SCHEMA public TO follower; GRANT SELECT ON orders TO follower`;

beforeAll(async () => {
  server = await SourceServer.start({ max_replication_slots: '2', max_wal_senders: '2' });
  cert = await server.useTls();
});

afterEach(async () => {
  await server.run(`SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots; DROP PUBLICATION IF EXISTS signalbox_publication;
    DROP SCHEMA IF EXISTS other CASCADE; DROP SCHEMA public CASCADE; CREATE SCHEMA public; DROP ROLE IF EXISTS follower, stranger`);
});

afterAll(() => server?.stop());

const follower = { user: 'follower', password: 'right' };
const check = (source: Partial<DirectSource> = {}, more: Partial<DirectAssignment> = {}): Promise<CheckResult> =>
  checkPostgres(server.assignment({ ...follower, ...source }, more), new AbortController().signal);
const failuresIn = ({ failures }: CheckResult): Record<string, string> =>
  Object.fromEntries(failures.map(({ item, fix }) => [item, fix]));

describe('the readiness check of a database', () => {
  it('is ready when nothing lacks, and leaves nothing behind', async () => {
    await server.run(READY);
    const result = await check({ tls: 'verify-full', caCertificate: cert });
    expect(result).toMatchObject({ outcome: 'ready', failures: [], credentialsRefused: false });
    expect(result.advisories.map(({ item }) => item)).not.toContain('tls');
    const { rows } = await server.run('SELECT slot_name FROM pg_replication_slots');
    expect(rows).toEqual([]);
  });

  it('says everything that lacks, at once, with the fix', async () => {
    await server.run(`CREATE ROLE stranger LOGIN PASSWORD 'right'; CREATE SCHEMA other;
      CREATE TABLE public.logs (line text); CREATE TABLE public.hidden (id int PRIMARY KEY); ALTER TABLE hidden ENABLE ROW LEVEL SECURITY;
      CREATE PUBLICATION signalbox_publication FOR TABLES IN SCHEMA public WITH (publish = 'insert');
      SELECT pg_create_physical_replication_slot(name) FROM unnest(ARRAY['one', 'two']) name`);
    const result = await check({ user: 'stranger' });
    expect(result.outcome).toBe('refused');
    expect(failuresIn(result)).toEqual({
      replication_role: expect.stringContaining('ALTER ROLE "stranger" REPLICATION;') as string,
      replication_slot_capacity: expect.stringContaining('max_replication_slots') as string,
      publication: expect.stringContaining(`SET (publish = 'insert, update, delete, truncate')`) as string,
      replica_identity: 'ALTER TABLE public.logs REPLICA IDENTITY FULL;',
      schema: 'GRANT USAGE ON SCHEMA "public" TO "stranger";',
      table_select: 'GRANT SELECT ON public.hidden TO "stranger"; GRANT SELECT ON public.logs TO "stranger";',
      snapshot_row_security: 'ALTER ROLE "stranger" BYPASSRLS;',
    });
  });

  it('names a table whose replica identity is not published', async () => {
    await server.run(`${READY}; CREATE TABLE codes (n int, twice int GENERATED ALWAYS AS (n * 2) STORED PRIMARY KEY);
      GRANT SELECT ON codes TO follower`);
    const refused = await check();
    expect(refused.failures).toEqual([
      {
        item: 'replica_identity',
        actual: expect.stringMatching(/: codes$/) as string,
        fix: expect.stringContaining(
          'ALTER PUBLICATION "signalbox_publication" SET (publish_generated_columns = stored);',
        ) as string,
      },
    ]);
    await server.run('ALTER TABLE codes REPLICA IDENTITY FULL');
    expect((await check()).failures).toEqual(refused.failures);
    await server.run('ALTER PUBLICATION signalbox_publication SET (publish_generated_columns = stored)');
    expect(await check()).toMatchObject({ outcome: 'ready' });
  });

  it.each([
    [
      'no publication',
      READY.replace('signalbox_publication', 'another'),
      'publication',
      'CREATE PUBLICATION "signalbox_publication"',
    ],
    ['no schema', READY, 'schema', 'CREATE SCHEMA "missing"'],
    [
      'no usage',
      READY.replace('GRANT USAGE ON SCHEMA public TO follower;', ''),
      'schema',
      'GRANT USAGE ON SCHEMA "public"',
    ],
  ])('names %s', async (name, statements, item, fix) => {
    await server.run(statements);
    const result = await check(name === 'no schema' ? { schema: 'missing' } : {});
    await server.run('DROP PUBLICATION IF EXISTS another');
    expect(result.outcome).toBe('refused');
    expect(failuresIn(result)[item]).toContain(fix);
  });

  it('counts its own slot as its own, and notices that no WAL sender is free', async () => {
    await server.run(READY);
    await server.run(
      `SELECT pg_create_logical_replication_slot('signalbox_1', 'pgoutput'), pg_create_physical_replication_slot('two')`,
    );
    expect(await check()).toMatchObject({ outcome: 'ready' });
    await server.run(`SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots`);
    await server.restart({ settings: { max_wal_senders: '0' } });
    const result = await check();
    await server.restart({ settings: { max_wal_senders: '2' } });
    expect(failuresIn(result)['replication_slot_capacity']).toContain('max_wal_senders');
  });

  it('ends by its deadline where the server does not answer a question', async () => {
    await server.run(READY);
    const blocking = await server.client();
    await blocking.query('BEGIN; LOCK TABLE pg_publication');
    const result = await checkPostgres(server.assignment(follower), new AbortController().signal, 500);
    await blocking.end();
    expect(result).toMatchObject({ outcome: 'unreachable', failures: [{ item: 'reachable' }] });
  });

  it.each(['require', 'disable'] as const)(
    'ends a connection at a question that has no answer, not while none is asked, with TLS: %s',
    async (tls) => {
      await server.run(READY);
      const blocking = await server.client();
      const { signal } = new AbortController();
      const line = await openClient(server.assignment({ tls }), { signal, silenceMs: 300 });
      await line.client.query('SELECT 1');
      // Nothing is owed meanwhile.
      await blocking.query('SELECT pg_sleep(0.6); BEGIN; LOCK TABLE pg_publication');
      const silent = { code: 'timeout', message: 'The server sent nothing for 0.3 s while the catalog was read.' };
      await expect(line.client.query('TABLE pg_publication')).rejects.toMatchObject(silent);
      await blocking.end();
    },
  );

  it('names wal_level', async () => {
    await server.run(READY);
    await server.restart({ settings: { wal_level: 'replica' } });
    const result = await check();
    await server.restart({ settings: { wal_level: 'logical' } });
    expect(result.failures).toContainEqual(expect.objectContaining({ item: 'wal_level', actual: 'replica' }));
  });

  it('says which credentials are refused, and repeats none of them', async () => {
    await server.run(READY);
    const wrong = await check({ password: 'a wrong secret' });
    expect(wrong).toMatchObject({ outcome: 'refused', credentialsRefused: true, failures: [{ item: 'login' }] });
    expect(JSON.stringify(wrong)).not.toContain('a wrong secret');
    expect(await check({ database: 'missing' })).toMatchObject({ outcome: 'refused', failures: [{ item: 'login' }] });
  });

  it('verifies the certificate as the TLS mode says', async () => {
    await server.run(READY);
    const stranger = selfSigned().cert;
    const itemOf = async (source: Partial<DirectSource>) => (await check(source)).failures[0]?.item ?? 'ready';
    expect(await itemOf({ tls: 'require' })).toBe('ready');
    expect(await itemOf({ tls: 'prefer' })).toBe('ready');
    expect(await itemOf({ tls: 'require', caCertificate: stranger })).toBe('tls');
    expect(await itemOf({ tls: 'verify-full' })).toBe('tls');
    expect(await itemOf({ tls: 'verify-ca', caCertificate: cert, host: '127.0.0.1' })).toBe('ready');
    expect(await itemOf({ tls: 'verify-full', caCertificate: cert, host: '127.0.0.1' })).toBe('tls');
    await server.restart({ settings: { ssl: 'off' } });
    const [required, preferred] = [await itemOf({ tls: 'require' }), await itemOf({ tls: 'prefer' })];
    await server.restart({ settings: { ssl: 'on' } });
    expect([required, preferred]).toEqual(['tls', 'ready']);
  });

  it('cannot say more than that a server is unreachable, or may not be reached', async () => {
    expect(await check({ port: await freePort() })).toMatchObject({
      outcome: 'unreachable',
      failures: [{ item: 'reachable' }],
    });
    expect(await check({}, { targets: { allowLoopback: false, allowPrivate: false } })).toMatchObject({
      outcome: 'refused',
      failures: [{ item: 'reachable', fix: expect.stringContaining('may connect') as string }],
    });
  });
});

describe('a check of what is no database', () => {
  const servers: Server[] = [];
  const sockets = new Set<Socket>();
  afterAll(() => {
    for (const socket of sockets) socket.destroy();
    for (const one of servers) one.close();
  });

  async function listen(answer: (socket: Socket) => void): Promise<number> {
    const one = createServer((socket) => {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.once('data', () => answer(socket));
    });
    servers.push(one);
    await new Promise<void>((resolve) => one.listen(0, '127.0.0.1', resolve));
    return (one.address() as AddressInfo).port;
  }
  async function hostile(answer: (socket: Socket) => void, deadlineMs?: number): Promise<CheckResult> {
    const port = await listen(answer);
    return checkPostgres(server.assignment({ port }), new AbortController().signal, deadlineMs);
  }
  const flood = (socket: Socket): void => {
    // A message of 1 GiB, and what fills it.
    socket.write(Buffer.from([0x44, 0x40, 0, 0, 0]));
    const chunk = Buffer.alloc(65_536);
    const go = (): void => void (socket.destroyed || socket.write(chunk, () => setImmediate(go)));
    go();
  };

  it.each<[string, (socket: Socket) => void]>([
    ['closes', (socket) => socket.end()],
    ['resets', (socket) => socket.resetAndDestroy()],
    ['sends garbage', (socket) => socket.write(Buffer.from([7, 0, 0, 0, 4, 1, 2, 3]))],
    ['asks for an unknown authentication', (socket) => socket.write(Buffer.from([0x52, 0, 0, 0, 8, 0, 0, 0, 99]))],
    ['sends a broken authentication', (socket) => socket.write(Buffer.from([0x52, 0, 0, 0, 9, 0, 0, 0, 10, 88]))],
    ['sends rows before it was asked', (socket) => socket.write(Buffer.from([0x44, 0, 0, 0, 6, 0, 9]))],
    ['speaks HTTP', (socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')],
  ])('ends where the server %s', async (_, answer) => {
    expect(await hostile(answer)).toMatchObject({ outcome: 'unreachable', failures: [{ item: 'reachable' }] });
  });

  it('ends where the server never stops, before it has taken much', async () => {
    expect(await hostile(flood)).toMatchObject({ outcome: 'refused', failures: [{ item: 'reachable' }] });
  });

  it('ends by its deadline where the server is silent', async () => {
    expect(await hostile(() => undefined, 300)).toMatchObject({
      outcome: 'unreachable',
      failures: [{ item: 'reachable' }],
    });
  });

  it.each(['prefer', 'disable'] as const)(
    'is not waited for by connections that only a stop ends, with TLS: %s',
    async (tls) => {
      const port = await listen(() => undefined);
      const { signal } = new AbortController();
      const opening = openClient(server.assignment({ port, tls }), { signal, connectWithinMs: 100 });
      await expect(opening).rejects.toMatchObject({ kind: 'unreachable', code: 'timeout' });
    },
  );
});
