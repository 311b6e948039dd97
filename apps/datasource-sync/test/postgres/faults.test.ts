import { getEventListeners } from 'node:events';
import { eventually, TcpProxy } from '@signalbox/testing';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { followPostgres } from '../../src/postgres/index.js';
import { openClient } from '../../src/postgres/connect/open-client.js';
import type { DirectAssignment, DirectSource } from '../../src/work/assignment.js';
import type { Follower } from '../../src/work/follower.js';
import { RecordingHost } from './support/recording-host.js';
import { SourceServer } from './support/source-server.js';

let server: SourceServer;
let followers: Follower[] = [];

beforeAll(async () => {
  server = await SourceServer.start({ max_wal_size: '2GB' });
});

afterEach(async () => {
  await Promise.all(followers.map((follower) => follower.stop()));
  followers = [];
  await server.dropSlots();
  await server.run(
    `DROP PUBLICATION IF EXISTS signalbox_publication; DROP SCHEMA public CASCADE; CREATE SCHEMA public`,
  );
});

afterAll(() => server?.stop());

interface FollowOptions {
  readonly silenceMs?: number;
  readonly source?: Partial<DirectSource>;
  readonly more?: Partial<DirectAssignment>;
}

function follow(host: RecordingHost, { source = {}, more = {}, silenceMs = 60_000 }: FollowOptions = {}): Follower {
  const assignment = server.assignment(source, { position: host.position, ...more });
  const follower = followPostgres(assignment, host, { monitorMs: 100, silenceMs, backoff: { minMs: 20, maxMs: 200 } });
  followers.push(follower);
  return follower;
}

const isStreaming = (host: RecordingHost) => () => host.state?.sync.state === 'streaming';
/** All that the source has now is acknowledged. */
const isAcknowledged = async (): Promise<boolean> => {
  const { rows } = await server.run(
    `SELECT pg_current_wal_lsn() <= confirmed_flush_lsn AS is FROM pg_replication_slots`,
  );
  return (rows[0] as { is: boolean } | undefined)?.is ?? false;
};
const serverProcesses = async (condition: string): Promise<number[]> => {
  const text = `SELECT pid FROM pg_stat_activity WHERE application_name LIKE 'signalbox %' AND ${condition}`;
  return ((await server.run(text)).rows as { pid: number }[]).map(({ pid }) => pid);
};
const slots = async (): Promise<number> => (await server.run('SELECT FROM pg_replication_slots')).rowCount ?? 0;
const inSchema = 'CREATE PUBLICATION signalbox_publication FOR TABLES IN SCHEMA public;';
const aTable = `CREATE TABLE orders (id int PRIMARY KEY, note text); ${inSchema} INSERT INTO orders VALUES (1, 'a');`;

describe('a follower that is disturbed', () => {
  it('ends with exactly the rows of the source, whatever is interrupted', async () => {
    await server.run(`CREATE TABLE a (id int PRIMARY KEY, n int, note text); CREATE TABLE b (x text, y int, v numeric, PRIMARY KEY (x, y));
      CREATE TABLE c (line text, n int); ALTER TABLE c REPLICA IDENTITY FULL; ${inSchema}
      INSERT INTO a SELECT i, 0, repeat('x', 50) FROM generate_series(1, 5000) i; INSERT INTO b SELECT 'k' || i % 7, i, i FROM generate_series(1, 3000) i;
      INSERT INTO c SELECT 'line ' || i, i FROM generate_series(1, 2000) i`);
    const host = new RecordingHost(false);
    const proxy = await TcpProxy.start({ port: server.port });
    let batches = 0;
    let faults = 0;
    let follower: Follower;
    // One fault every few batches, of each kind in turn, at whatever the follower does then.
    host.beforeBatch = () => {
      batches += 1;
      if (batches % 4 !== 0 || faults >= 24) return;
      faults += 1;
      if (faults % 3 === 0) proxy.reset();
      if (faults % 3 === 1) throw new Error('the broker did not confirm');
      if (faults % 3 === 2) {
        const stopped = follower;
        setImmediate(() => void stopped.stop().then(() => (follower = follow(host, { source: { port: proxy.port } }))));
      }
    };
    follower = follow(host, { source: { port: proxy.port } });
    const writer = await server.client();
    for (let round = 0; round < 40; round++) {
      const from = 10_000 + round * 200;
      await writer.query(`BEGIN; INSERT INTO a SELECT i, ${round}, 'new' FROM generate_series(${from}, ${from + 199}) i;
        UPDATE a SET n = n + 1 WHERE id % 40 = ${round}; DELETE FROM a WHERE id = ${round * 3}; COMMIT;
        UPDATE b SET v = v * 2, y = y + 100000 WHERE y % 40 = ${round} AND y < 100000; DELETE FROM b WHERE y = ${round * 5};
        INSERT INTO c VALUES ('round', ${round}); DELETE FROM c WHERE n = ${round * 7}`);
      if (round === 20)
        await writer.query('ALTER TABLE a ADD COLUMN added int DEFAULT 5; TRUNCATE b; INSERT INTO b VALUES (1, 2, 3)');
    }
    await writer.query(`INSERT INTO a VALUES (999999, 0, 'the last')`);
    // A slot that was made again after the last row has nothing before it, and its snapshot is to be read still.
    await eventually(async () => isStreaming(host)() && (await isAcknowledged()), { timeoutMs: 50_000 });
    const differing = async (table: string, columns: string): Promise<string[]> => {
      const names = columns.split(', ');
      const texts = (rows: Record<string, unknown>[]): string[] =>
        rows.map((row) => JSON.stringify(names.map((name) => row[name])));
      const source = (await writer.query<Record<string, unknown>>(`SELECT ${columns} FROM ${table}`)).rows;
      const copy = new Set(texts(host.rows(table)));
      expect(copy.size).toBe(source.length);
      return texts(source).filter((row) => !copy.has(row));
    };
    expect(await differing('a', 'id, n, note')).toEqual([]);
    expect(await differing('b', 'x, y, v')).toEqual([]);
    expect(await differing('c', 'line, n')).toEqual([]);
    await writer.end();
    await proxy.close();
    expect(faults).toBeGreaterThan(8);
    expect(host.duplicates).toBeGreaterThan(0);
    expect(host.mostUnderWay).toBeLessThanOrEqual(8);
  });

  it('gives rows other ids where a table is emptied and read again, and where it starts over', async () => {
    await server.run(aTable);
    const host = new RecordingHost();
    let atTruncate = host.position;
    host.beforeBatch = () => void (host.changes.length === 1 && (atTruncate = host.position));
    const first = follow(host);
    await eventually(isStreaming(host));
    await first.stop();
    // As if the process had ended after the rows were confirmed and before their position was stored.
    host.position = atTruncate;
    host.states.length = 0;
    const second = follow(host);
    await eventually(isStreaming(host));
    expect(host.changes.map(({ op }) => op)).toEqual(['truncate', 'read', 'truncate', 'read']);
    expect(host.rows('orders')).toEqual([{ id: 1, note: 'a' }]);
    await second.stop();
    const other = new RecordingHost();
    follow(other, { more: { generation: 2 } });
    await eventually(isStreaming(other));
    // The LSN of a source that was restored may be that of the former generation.
    const names = [...host.changes, ...other.changes].map(({ id }) => id.split(':').at(-1));
    expect(new Set(names).size).toBe(6);
  });

  it('has each row without a key once where the first snapshot is interrupted', async () => {
    await server.run(
      `CREATE TABLE lines (line text); ALTER TABLE lines REPLICA IDENTITY FULL; ${aTable} INSERT INTO lines VALUES ('x'), ('x')`,
    );
    const host = new RecordingHost();
    let isInterrupted = false;
    host.beforeBatch = async () => {
      if (isInterrupted || host.changes.length === 0) return;
      isInterrupted = true;
      await server.run(`INSERT INTO lines VALUES ('y')`);
      throw new Error('the broker did not confirm');
    };
    follow(host);
    await eventually(isStreaming(host));
    await server.run(`INSERT INTO orders VALUES (2, 'b')`);
    await eventually(() => host.rows('orders').length === 2);
    expect(isInterrupted).toBe(true);
    const ofLines = host.changes.filter(({ table }) => table === 'lines');
    const last = ofLines.slice(ofLines.findLastIndex(({ op }) => op === 'truncate'));
    expect(last.map(({ op, after }) => [op, after?.['line']])).toEqual([
      ['truncate', undefined],
      ['read', 'x'],
      ['read', 'x'],
      ['read', 'y'],
    ]);
  });

  it('has each row without a key once where its table joins the publication later', async () => {
    await server.run(`${aTable.replace('TABLES IN SCHEMA public', 'TABLE orders')} CREATE TABLE lines (line text);
      ALTER TABLE lines REPLICA IDENTITY FULL; CREATE TABLE notes (note text)`);
    const host = new RecordingHost();
    const first = follow(host);
    await eventually(isStreaming(host));
    await first.stop();
    const writer = await server.client();
    await writer.query(`ALTER PUBLICATION signalbox_publication ADD TABLE lines, notes;
      BEGIN; INSERT INTO lines VALUES ('removed'), ('former'); INSERT INTO orders VALUES (2, 'b'); INSERT INTO notes VALUES ('read'); COMMIT;
      UPDATE lines SET line = 'read' WHERE line = 'former'; DELETE FROM lines WHERE line = 'removed'`);
    await writer.query(`BEGIN; INSERT INTO lines VALUES ('open')`);
    // Nothing of the WAL is published at first, and another follower goes on with what is stored.
    host.beforeBatch = () => (isStreaming(host)() ? Promise.reject(new Error('the broker is down')) : undefined);
    host.states.length = 0;
    const second = follow(host);
    await eventually(() => host.state?.sync.error?.code === 'publish_failed');
    await second.stop();
    host.beforeBatch = () => undefined;
    await writer.query(`COMMIT; INSERT INTO notes VALUES ('new')`);
    await writer.end();
    follow(host);
    await eventually(() => host.changes.some(({ after }) => after?.['note'] === 'new'));
    const shown = (table: string): unknown[] =>
      host.changes
        .filter((change) => change.table === table)
        .map(({ op, after }) => [op, ...Object.values(after ?? {})]);
    expect(shown('lines')).toEqual([['truncate'], ['read', 'read'], ['insert', 'open']]);
    expect(shown('notes')).toEqual([['truncate'], ['read', 'read'], ['insert', 'new']]);
    // It has the number in its transaction that it would have with the others.
    expect(host.changes.find(({ op, table }) => op === 'insert' && table === 'orders')?.id).toMatch(/\.2$/);
  });

  it('goes on after the server was killed', async () => {
    await server.run(aTable);
    const host = new RecordingHost();
    follow(host);
    await eventually(isStreaming(host));
    await server.run(`INSERT INTO orders VALUES (2, 'b')`);
    await server.restart({ kill: true });
    // It may have come back before the restart had ended.
    const retrying = () => host.states.find(({ sync }) => sync.state === 'retrying')?.sync;
    await eventually(() => retrying() !== undefined);
    expect(retrying()?.error?.code).toEqual(expect.any(String));
    expect(retrying()?.next_attempt_at).toBeGreaterThan(0);
    await server.run(`INSERT INTO orders VALUES (3, 'c')`);
    await eventually(() => host.rows('orders').length === 3);
  });

  it('notices that the server is silent, connects again, and ends while it is silent', async () => {
    await server.run(aTable);
    const proxy = await TcpProxy.start({ port: server.port });
    const host = new RecordingHost();
    const follower = follow(host, { source: { port: proxy.port }, silenceMs: 600 });
    await eventually(isStreaming(host));
    proxy.cut();
    await eventually(() => host.state?.sync.error?.code === 'timeout');
    proxy.restore();
    await eventually(isStreaming(host));
    await server.run(`INSERT INTO orders VALUES (2, 'b')`);
    await eventually(() => host.rows('orders').length === 2);
    proxy.cut();
    await follower.stop();
    await proxy.close();
    expect(host.state?.sync.error).toBeNull();
  });

  it('gives up a server process that was stopped in the middle of the rows, and reads on with another one', async () => {
    await server.run(`${aTable} INSERT INTO orders SELECT i, repeat('x', 1000) FROM generate_series(2, 8000) i`);
    const host = new RecordingHost(false);
    let open = (): void => undefined;
    const gate = new Promise<void>((resolve) => (open = resolve));
    host.beforeBatch = () => (host.rows('orders').length > 0 ? gate : undefined);
    follow(host, { silenceMs: 600 });
    // The reading is paused: that alone is no silence.
    await eventually(() => host.mostUnderWay === 4);
    const stopped = await serverProcesses(`xact_start IS NOT NULL AND backend_type = 'client backend'`);
    for (const pid of stopped) process.kill(pid, 'SIGSTOP');
    open();
    await eventually(isStreaming(host));
    for (const pid of stopped) process.kill(pid, 'SIGCONT');
    expect(host.states.map(({ sync }) => sync.error?.message)).toContain(
      'The server sent nothing for 0.6 s while rows of orders were read.',
    );
    expect(host.rows('orders')).toHaveLength(8_000);
  });

  it('gives up a question that the server does not answer', async () => {
    await server.run(aTable);
    const blocking = await server.client();
    await blocking.query('BEGIN; LOCK TABLE pg_publication');
    const host = new RecordingHost();
    follow(host, { silenceMs: 600 });
    await eventually(() => host.state?.sync.error?.code === 'timeout');
    expect(host.state?.sync.state).toBe('retrying');
    await blocking.end();
    await eventually(isStreaming(host));
  });

  it('gives up a server process that was stopped while it creates the slot, but not one that waits', async () => {
    await server.run(aTable);
    const writer = await server.client();
    await writer.query(`BEGIN; INSERT INTO orders VALUES (2, 'b')`);
    const host = new RecordingHost();
    follow(host, { silenceMs: 600 });
    const timeouts = (): number => host.attempts.filter(({ error }) => error?.code === 'timeout').length;
    let waiting = 0;
    await eventually(() => {
      waiting = host.states.filter(({ sync }) => sync.error?.code === 'waiting_for_transactions').length;
      return waiting >= 3;
    });
    expect(timeouts()).toBe(0);
    const [pid] = await serverProcesses(`backend_type = 'walsender'`);
    process.kill(pid!, 'SIGSTOP');
    await writer.end();
    await eventually(() => timeouts() > 0);
    process.kill(pid!, 'SIGCONT');
    await eventually(isStreaming(host));
    expect(host.rows('orders')).toEqual([{ id: 1, note: 'a' }]);
  });

  it('holds a transaction of 100,000 rows in little memory', async () => {
    await server.run(aTable);
    const host = new RecordingHost(false);
    follow(host);
    await eventually(isStreaming(host));
    // Nothing is confirmed until the whole transaction could have arrived.
    let open = (): void => undefined;
    const gate = new Promise<void>((resolve) => (open = resolve));
    let published = 0;
    host.beforeBatch = () => (published++, gate);
    await server.run(`INSERT INTO orders SELECT i, repeat('x', 200) FROM generate_series(2, 100001) i`);
    await eventually(() => published === 1);
    expect(host.mostUnderWay).toBeLessThanOrEqual(4);
    open();
    await eventually(() => host.rows('orders').length === 100_001);
    expect(host.mostUnderWay).toBeLessThanOrEqual(4);
    expect(host.duplicates).toBe(0);
  });

  it('acknowledges nothing that is not published', async () => {
    await server.run(aTable);
    const host = new RecordingHost();
    follow(host);
    await eventually(isStreaming(host));
    const confirmed = async (): Promise<string> =>
      ((await server.run('SELECT confirmed_flush_lsn AS lsn FROM pg_replication_slots')).rows[0] as { lsn: string })
        .lsn;
    let open = (): void => undefined;
    const gate = new Promise<void>((resolve) => (open = resolve));
    let tried = false;
    host.beforeBatch = () => ((tried = true), gate);
    await server.run(`INSERT INTO orders VALUES (2, 'b')`);
    await eventually(() => tried);
    const { rows } = await server.run('SELECT pg_current_wal_lsn() AS lsn');
    const { lsn } = rows[0] as { lsn: string };
    expect(await isBefore(await confirmed(), lsn)).toBe(true);
    open();
    await eventually(async () => !(await isBefore(await confirmed(), lsn)));
    await eventually(() => host.state?.freshness.drained_at !== null);
    expect(host.state?.freshness.newest_change_at).toBeGreaterThan(0);
  });

  const isBefore = async (one: string, other: string): Promise<boolean> =>
    ((await server.run(`SELECT '${one}'::pg_lsn < '${other}'::pg_lsn AS is`)).rows[0] as { is: boolean }).is;
});

describe('a follower that cannot go on', () => {
  it('drops its slot at the limit, says so, stays so, and is complete again after a resync', async () => {
    await server.run(aTable);
    const host = new RecordingHost();
    const more = { walLimitBytes: 20 * 1024 ** 2 };
    const first = follow(host, { more });
    await eventually(isStreaming(host));
    host.beforeBatch = () => Promise.reject(new Error('the broker is down'));
    await server.run(`INSERT INTO orders SELECT i, repeat('x', 500) FROM generate_series(2, 50000) i`);
    await eventually(async () => (await slots()) === 0);
    host.beforeBatch = () => undefined;
    await eventually(() => host.state?.sync.error?.code === 'wal_limit_exceeded');
    expect(host.state?.sync).toMatchObject({ state: 'blocked', fix: expect.stringContaining('resync') as string });
    await first.stop();
    const second = follow(host, { more });
    await eventually(() => host.state?.sync.state === 'blocked');
    await second.stop();
    expect(await slots()).toBe(0);
    const other = new RecordingHost(false);
    follow(other, { more: { generation: 2, walLimitBytes: 1024 ** 3 } });
    await eventually(isStreaming(other));
    expect(other.rows('orders')).toHaveLength(50_000);
  });

  it('is not blocked after a resync by the slot of before it, which is dropped at the limit', async () => {
    await server.run(aTable);
    const former = new RecordingHost();
    const first = follow(former);
    await eventually(isStreaming(former));
    await first.stop();
    await server.run(`INSERT INTO orders SELECT i, repeat('x', 500) FROM generate_series(2, 5000) i;
      DROP PUBLICATION signalbox_publication`);
    const host = new RecordingHost(false);
    follow(host, { more: { generation: 2, walLimitBytes: 1024 ** 2 } });
    await eventually(async () => (await slots()) === 0);
    await server.run(inSchema);
    await eventually(isStreaming(host));
    expect(host.rows('orders')).toHaveLength(5_000);
    expect(host.states.map(({ sync }) => sync.error?.code)).not.toContain('wal_limit_exceeded');
  });

  it('says that it waits for open transactions, keeps the limit meanwhile, and goes on after them', async () => {
    await server.run(aTable);
    const writer = await server.client();
    await writer.query(`BEGIN; INSERT INTO orders VALUES (2, 'b')`);
    const host = new RecordingHost(false);
    const more = { walLimitBytes: 1024 ** 2 };
    const first = follow(host, { more });
    await eventually(() => host.state?.sync.error?.code === 'waiting_for_transactions');
    expect(host.state?.sync.state).toBe('snapshotting');
    await server.run(`INSERT INTO orders SELECT i, repeat('x', 500) FROM generate_series(3, 5000) i`);
    await eventually(() => host.lines.some(({ msg }) => String(msg).includes('too much WAL')));
    await first.stop();
    const released = new RecordingHost();
    const release = follow(released, { more: { task: 'release' } });
    await eventually(() => released.releases.length > 0);
    await release.stop();
    expect([released.releases, await slots()]).toEqual([[null], 0]);
    follow(host);
    await writer.query('COMMIT');
    await writer.end();
    await eventually(isStreaming(host));
    expect(host.rows('orders')).toHaveLength(5_000);
  });

  it('says that its slot is gone, and what to do', async () => {
    await server.run(aTable);
    const host = new RecordingHost();
    const first = follow(host);
    await eventually(isStreaming(host));
    await first.stop();
    await server.run('SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots');
    follow(host);
    await eventually(() => host.state?.sync.state === 'blocked');
    expect(host.state?.sync).toMatchObject({
      error: { code: 'slot_missing' },
      fix: expect.stringContaining('resync') as string,
    });
  });

  it('waits while another connection reads from its slot', async () => {
    await server.run(aTable);
    const [host, other] = [new RecordingHost(), new RecordingHost()];
    const first = follow(host);
    await eventually(isStreaming(host));
    other.position = host.position;
    follow(other);
    await eventually(() => other.state?.sync.error?.code === 'slot_in_use');
    expect(other.state?.sync.state).toBe('retrying');
    await first.stop();
    await eventually(isStreaming(other));
  });

  it('is blocked without its publication, and reads the rows again after it is back', async () => {
    await server.run(aTable);
    const host = new RecordingHost();
    follow(host);
    await eventually(isStreaming(host));
    await server.run('DROP PUBLICATION signalbox_publication');
    await eventually(() => host.state?.sync.error?.code === 'publication_missing');
    expect(host.state?.sync.state).toBe('blocked');
    await server.run(`INSERT INTO orders VALUES (2, 'unseen'); ${inSchema}`);
    await eventually(() => host.rows('orders').length === 2);
    await server.run(`INSERT INTO orders VALUES (3, 'seen')`);
    await eventually(() => host.rows('orders').length === 3);
  });

  it('is blocked by a lost privilege, and resumes after it', async () => {
    await server.run(
      `${aTable} DROP ROLE IF EXISTS follower; CREATE ROLE follower LOGIN REPLICATION PASSWORD 'right'; GRANT USAGE ON SCHEMA public TO follower`,
    );
    const host = new RecordingHost();
    follow(host, { source: { user: 'follower', password: 'right' } });
    await eventually(() => host.state?.sync.error?.code === 'permission_denied');
    expect(host.state?.sync).toMatchObject({ state: 'blocked', fix: expect.stringContaining('SELECT') as string });
    // Consumers keep what they have of a table that cannot be read.
    expect(host.changes).toEqual([]);
    await server.run('GRANT SELECT ON orders TO follower');
    await eventually(() => host.rows('orders').length === 1);
  });
});

describe('connections to a database', () => {
  it('leave nothing at a signal that outlasts them', async () => {
    const { signal } = new AbortController();
    for (let times = 0; times < 20; times++)
      await expect(openClient(server.assignment({ password: 'wrong' }), { signal })).rejects.toThrow(/password/i);
    (await openClient(server.assignment(), { signal })).close();
    await eventually(() => getEventListeners(signal, 'abort').length === 0);
  });

  it('leave nothing of the attempts that failed at a follower that goes on', async () => {
    const host = new RecordingHost();
    const follower = follow(host, { source: { password: 'wrong' } });
    await eventually(() => host.attempts.length >= 20);
    const { signal } = (follower as unknown as { stopping: AbortController }).stopping;
    // One of the attempt that runs, and one of the monitor.
    expect(getEventListeners(signal, 'abort')).toHaveLength(2);
  });
});

describe('a table that is emptied and then cannot be read', () => {
  it('is tried again less and less often', async () => {
    await server.run(`CREATE TABLE orders (n int PRIMARY KEY); INSERT INTO orders VALUES (0);
      CREATE PUBLICATION signalbox_publication FOR TABLE orders WHERE (10 / n > 0)`);
    const host = new RecordingHost();
    follow(host);
    await eventually(() => host.states.some(({ sync }) => (sync.next_attempt_at ?? 0) - sync.since > 60));
    expect(host.changes.length).toBeGreaterThan(1);
    expect(host.changes.every(({ op }) => op === 'truncate')).toBe(true);
  });
});

describe('other tasks on a database', () => {
  it('only looks what a paused database costs', async () => {
    await server.run(`${aTable}`);
    await server.run(`SELECT pg_create_logical_replication_slot('signalbox_1', 'pgoutput')`);
    const host = new RecordingHost();
    follow(host, { more: { task: 'watch' } });
    await eventually(() => host.state?.position?.retained_wal_bytes !== null && host.state !== undefined);
    expect(host.state?.sync.state).toBe('paused');
    expect(host.changes).toEqual([]);
  });

  it('gives up the slot of a paused database at the limit, and says so when it is resumed', async () => {
    await server.run(aTable);
    const host = new RecordingHost();
    const more = { walLimitBytes: 1024 ** 2 };
    const first = follow(host);
    await eventually(isStreaming(host));
    await first.stop();
    const watching = follow(host, { more: { ...more, task: 'watch' } });
    await eventually(() => host.state?.sync.state === 'paused');
    await server.run(`INSERT INTO orders SELECT i, repeat('x', 500) FROM generate_series(2, 5000) i`);
    await eventually(() => host.state?.sync.error?.code === 'wal_limit_exceeded');
    expect(await slots()).toBe(0);
    await watching.stop();
    const states = host.states.length;
    follow(host, { more });
    await eventually(() => host.states.slice(states).some(({ sync }) => sync.state === 'blocked'));
    expect(host.state?.sync.error?.code).toBe('wal_limit_exceeded');
  });

  it('ends a connection of its own role that still reads from the slot of a deleted datasource', async () => {
    await server.run(aTable);
    const host = new RecordingHost();
    follow(host);
    await eventually(isStreaming(host));
    const released = new RecordingHost();
    follow(released, { more: { task: 'release' } });
    await eventually(() => released.releases.at(-1) === null);
    expect(await slots()).toBe(0);
  });

  it('drops the slot of a deleted datasource, and says meanwhile what is left', async () => {
    await server.run(`${aTable} DROP ROLE IF EXISTS weak; CREATE ROLE weak LOGIN REPLICATION PASSWORD 'right'`);
    const host = new RecordingHost();
    const first = follow(host);
    await eventually(isStreaming(host));
    const released = new RecordingHost();
    // It may not end the connection of another role.
    follow(released, { source: { user: 'weak', password: 'right' }, more: { task: 'release' } });
    await eventually(() => released.releases.length > 0);
    expect(released.releases[0]).toEqual([`SELECT pg_drop_replication_slot('signalbox_1');`]);
    await first.stop();
    await eventually(() => released.releases.at(-1) === null);
    expect(await slots()).toBe(0);
  });
});
