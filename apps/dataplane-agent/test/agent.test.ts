import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  commandKey,
  agentDeadLettersQueue,
  operationsQueue,
  type DataplaneReport,
} from '@signalbox/contracts/messages';
import { eventually, RouteEnds, testDatabase, type TestDatabase } from '@signalbox/testing';
import pg from 'pg';
import { release } from '@signalbox/platform';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Bench } from './support.js';

const RESTART = 'restart-0123456789abcdef01234567';
const OTHER_RESTART = 'restart-aaaaaaaaaaaaaaaaaaaaaaaa';
const OPERATION = 'op-0123456789';

let bench: Bench;
let folder: string;
let database: TestDatabase;

beforeAll(async () => {
  database = await testDatabase();
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  await client.query(`
    CREATE TABLE "Odd ""Name" (id int PRIMARY KEY, word text, extra json);
    INSERT INTO "Odd ""Name" VALUES (1, 'a', '{"a":1}'), (2, 'a', NULL), (3, NULL, '{"a":1}');
    CREATE VIEW slow AS SELECT 1 AS one;
    CREATE TABLE locked (id int);
    CREATE TABLE large AS SELECT n, repeat('x', 500) AS filler FROM generate_series(1, 4000) AS n`);
  await client.end();
});

afterAll(async () => database.remove());

beforeEach(async () => {
  bench = await Bench.start();
  folder = await mkdtemp(path.join(tmpdir(), 'dataplane-agent-'));
  await mkdir(path.join(folder, 'data'));
  await writeFile(path.join(folder, 'data', 'one.txt'), 'one');
});

afterEach(async () => {
  await bench.stop();
  await rm(folder, { recursive: true, force: true });
});

/** Holds a table, so that an operation on it runs for as long as the test likes. */
async function lockTable(): Promise<() => Promise<void>> {
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  await client.query('BEGIN; LOCK TABLE locked IN ACCESS EXCLUSIVE MODE');
  return () => client.end();
}

/** An agent that runs an operation which lasts until `unlock`. */
async function runningLocked(env: Record<string, string> = {}) {
  await bench.declare('main');
  const agent = bench.agent({ ...environment(), ...env });
  const { boot_id: bootId } = await bench.report(({ state }) => state === 'running');
  const unlock = await lockTable();
  bench.run('main', OPERATION, { kind: 'profile-table', schema: 'public', table: 'locked' });
  await bench.report(({ thread_pool }) => thread_pool.running.includes(OPERATION));
  return { agent, bootId, unlock };
}

const environment = (): Record<string, string> => ({
  SIGNALBOX_AGENT_FILES: folder,
  SIGNALBOX_AGENT_DATABASE_URL: database.url,
  SIGNALBOX_THREADS: '3',
});

describe('a dataplane agent', () => {
  it('reports `starting` until its queues exist, then `running`', async () => {
    bench.agent(environment());
    const first = await bench.report(() => true);
    await bench.declare('main');
    const running = await bench.report(({ state }) => state === 'running');
    const settled = await bench.report(({ state, thread_pool }) => state === 'running' && thread_pool.channels === 4);

    expect(first).toMatchObject({ dataplane: 'main', state: 'starting', engine: 'local' });
    expect(running.boot_id).toBe(first.boot_id);
    expect(running.seq).toBeGreaterThan(first.seq);
    expect(running.status).toMatchObject({
      spark_version: 'none',
      max_executors: 3,
      max_memory_per_executor_mb: 256,
      cores_per_executor: 1,
      max_dataframe_size_mb: 64,
      thread_pool_parallelism: 3,
      implementation_version: release,
      build_date: expect.stringMatching(/^\d{4}-\d\d-\d\d$/) as string,
      git_hash: expect.stringMatching(/^([0-9a-f]{7}|unknown)$/) as string,
    });
    expect(running.status.driver_free_memory_mb).toBeGreaterThan(0);
    expect(running).not.toHaveProperty('private_routes');
    // Publishing, control, operations, and the one that polls the depth of the queue.
    expect(settled.thread_pool).toEqual({ running: [], queued: 0, channels: 4 });
  });

  it('runs no operation that came into its queue with the key of another command', async () => {
    await bench.declare('main');
    bench.agent(environment());
    const further = { headers: { CC: [commandKey('main', 'run')] } };
    bench.run(
      'main',
      'op-further000',
      { kind: 'hash-tree', path: 'data' },
      { key: commandKey('main', 'health'), ...further },
    );
    bench.run('main', OPERATION, { kind: 'hash-tree', path: 'data' });
    await eventually(() => bench.steps(OPERATION).includes('finished'));
    expect(bench.steps('op-further000')).toEqual([]);
    await eventually(async () => (await bench.broker.messageCount(agentDeadLettersQueue.name)) === 2);
  });

  it('runs operations and publishes their outcome, each event with an id of its own', async () => {
    await bench.declare('main');
    bench.agent({ ...environment(), SIGNALBOX_MAX_FRAME_MB: '1' });
    bench.run('main', OPERATION, { kind: 'hash-tree', path: 'data' });
    bench.run('main', 'op-table00000', { kind: 'profile-table', schema: 'public', table: 'Odd "Name' });
    bench.run('main', 'op-missing000', { kind: 'hash-tree', path: '../..' });
    bench.run('main', 'op-nothere000', { kind: 'profile-table', schema: 'public', table: 'slow' });
    bench.run('main', 'op-large00000', { kind: 'profile-table', schema: 'public', table: 'large' });
    await eventually(() => bench.events.filter(({ step }) => step === 'finished' || step === 'failed').length === 5);

    const line = `${createHash('sha256').update('one').digest('hex')}  one.txt\n`;
    expect(bench.steps(OPERATION)).toEqual(['started', 'finished']);
    expect(
      await bench.event(
        (event) => event.kind === 'operation' && event.operation_id === OPERATION && event.step === 'finished',
      ),
    ).toMatchObject({
      result: { files: 1, bytes: 3, sha256: createHash('sha256').update(line).digest('hex') },
    });
    expect(
      await bench.event(
        (event) => event.kind === 'operation' && event.operation_id === 'op-table00000' && event.step === 'finished',
      ),
    ).toMatchObject({
      result: {
        rows: 3,
        columns: [
          { name: 'id', type: 'integer', nulls: 0, distinct: 3 },
          { name: 'word', type: 'text', nulls: 1, distinct: 1 },
          { name: 'extra', type: 'json', nulls: 1, distinct: 1 },
        ],
      },
    });
    const failures = Object.fromEntries(
      bench.events.flatMap((event) =>
        event.kind === 'operation' && event.step === 'failed' ? [[event.operation_id, event.error]] : [],
      ),
    );
    expect(failures).toEqual({
      'op-missing000': '../.. is not below the folder that may be read',
      'op-nothere000': 'there is no table public.slow',
      'op-large00000': expect.stringMatching(/more than the 1 MiB/) as string,
    });
    expect(new Set(bench.events.map(({ messageId }) => messageId)).size).toBe(bench.events.length);
    await eventually(async () => (await bench.broker.messageCount(operationsQueue('main').name)) === 0);
  });

  it('reports running and waiting operations at once, not only at the next interval', async () => {
    await bench.declare('main');
    bench.agent({ ...environment(), SIGNALBOX_THREADS: '1', SIGNALBOX_REPORT_INTERVAL_MS: '3600000' });
    await bench.report(({ state }) => state === 'running');
    const unlock = await lockTable();
    for (const id of [OPERATION, 'op-second0000', 'op-third00000'])
      bench.run('main', id, { kind: 'profile-table', schema: 'public', table: 'locked' });
    await bench.report(({ thread_pool: { running, queued } }) => running.join() === OPERATION && queued === 2);
    await unlock();
    await eventually(() => bench.events.filter(({ step }) => step === 'finished').length === 3);
    await eventually(
      () => bench.latest()?.thread_pool.running.length === 0 && bench.latest()?.thread_pool.queued === 0,
    );
    expect(bench.reports.length).toBeLessThan(50);
  });

  it('does not run an operation that is cancelled while it waits, and ends one that runs; the next one runs', async () => {
    const { unlock } = await runningLocked({ SIGNALBOX_THREADS: '1' });
    const [second, third] = ['op-second0000', 'op-third00000'];
    bench.run('main', second, { kind: 'profile-table', schema: 'public', table: 'locked' });
    bench.run('main', third, { kind: 'hash-tree', path: 'data' });
    bench.cancel('main', second);
    bench.cancel('main', OPERATION);

    await bench.event((event) => event.kind === 'operation' && event.step === 'finished');
    expect(bench.steps(OPERATION)).toEqual(['started', 'cancelled']);
    expect(bench.steps(second)).toEqual(['cancelled']);
    expect(bench.steps(third)).toEqual(['started', 'finished']);
    await eventually(async () => (await bench.broker.messageCount(operationsQueue('main').name)) === 0);
    await unlock();
  });

  it('executes a shutdown for its incarnation: running operations finish, and it exits with 0', async () => {
    const { agent, bootId, unlock } = await runningLocked();
    bench.shutdown('main', { restartId: RESTART, bootId, drainSeconds: 30 });
    await bench.report(({ state, thread_pool }) => state === 'draining' && thread_pool.running.includes(OPERATION));
    await unlock();

    expect(await agent.exited).toBe(0);
    await eventually(() => bench.steps(RESTART).length === 3);
    expect(bench.steps(RESTART)).toEqual(['acknowledged', 'draining', 'down']);
    expect(bench.steps(OPERATION)).toEqual(['started', 'finished']);
    await eventually(() => bench.latest()?.state === 'stopped');
    expect(bench.reports.map(({ seq }) => seq)).toEqual(bench.reports.map(({ seq }) => seq).toSorted((a, b) => a - b));
    // The broker updates this figure of a quorum queue some time after the acknowledgement.
    await eventually(async () => (await bench.broker.messageCount(operationsQueue('main').name)) === 0);
  });

  it('interrupts what has not finished in the drain time; the command is in the queue again, and the next incarnation runs it', async () => {
    const { agent, bootId, unlock } = await runningLocked();
    bench.shutdown('main', { restartId: RESTART, bootId, drainSeconds: 1 });

    expect(await agent.exited).toBe(0);
    await eventually(() => bench.steps(RESTART).includes('down'));
    expect(bench.steps(RESTART)).toEqual(['acknowledged', 'draining', 'down']);
    expect(bench.steps(OPERATION)).toEqual(['started', 'interrupted']);
    await eventually(async () => (await bench.broker.messageCount(operationsQueue('main').name)) === 1);

    await unlock();
    bench.agent(environment());
    await bench.event((event) => event.kind === 'operation' && event.step === 'finished');
    expect(bench.steps(OPERATION)).toEqual(['started', 'interrupted', 'started', 'finished']);
  });

  it('reports a shutdown for another incarnation or after its time as expired, and goes on', async () => {
    await bench.declare('main');
    bench.shutdown('main', { restartId: RESTART, bootId: 'a former incarnation' });
    const agent = bench.agent(environment());
    const { boot_id: bootId } = await bench.report(({ state }) => state === 'running');
    bench.shutdown('main', { restartId: OTHER_RESTART, bootId, expiresAt: Date.now() - 1 });
    bench.sendRaw('main', 'dataplane.dance', '{}');
    bench.sendRaw('main', 'dataplane.shutdown', '{"restart_id":7}');
    await eventually(() => bench.steps(OTHER_RESTART).length === 1);
    const { seq } = await eventually(() => bench.latest());
    bench.askHealth('main');

    await bench.report((report) => report.seq > seq && report.state === 'running');
    expect(bench.steps(RESTART)).toEqual(['expired']);
    expect(bench.steps(OTHER_RESTART)).toEqual(['expired']);
    expect(agent.child.exitCode).toBeNull();
  });

  it('answers a health request at once', async () => {
    await bench.declare('main');
    bench.agent({ ...environment(), SIGNALBOX_REPORT_INTERVAL_MS: '3600000' });
    const { seq } = await bench.report(({ state }) => state === 'running');
    bench.askHealth('main');
    expect(await bench.report((report) => report.seq > seq)).toMatchObject({ state: 'running' });
  });

  it('reports and takes operations again when the broker is back', async () => {
    await bench.declare('main');
    bench.agent(environment());
    await bench.report(({ state }) => state === 'running');
    await bench.broker.closeAllConnections();
    await bench.connect();
    const received = bench.reports.length;
    await eventually(() => bench.reports.slice(received).some(({ state }) => state === 'running'));
    bench.run('main', OPERATION, { kind: 'hash-tree', path: 'data' });
    await bench.event(({ step }) => step === 'finished');
    expect(bench.steps(OPERATION)).toEqual(['started', 'finished']);
  });

  it('stops in order at SIGTERM, without events of a restart', async () => {
    await bench.declare('main');
    const agent = bench.agent({ ...environment(), SIGNALBOX_DRAIN_MS: '300' });
    await bench.report(({ state }) => state === 'running');
    const unlock = await lockTable();
    bench.run('main', OPERATION, { kind: 'profile-table', schema: 'public', table: 'locked' });
    await bench.report(({ thread_pool }) => thread_pool.running.includes(OPERATION));
    agent.child.kill('SIGTERM');

    expect(await agent.exited).toBe(0);
    await unlock();
    await eventually(() => bench.latest()?.state === 'stopped');
    expect(bench.steps(OPERATION)).toEqual(['started', 'interrupted']);
    expect(bench.events.filter(({ kind }) => kind === 'restart')).toEqual([]);
  });

  it('runs without a broker, is not ready, and stops with 0', async () => {
    const agent = bench.agent({ ...environment(), RABBITMQ_URL: 'amqp://user:hush@127.0.0.1:1/none' });
    const port = await agent.managementPort;
    const response = await fetch(`http://127.0.0.1:${port}/readyz?verbose`);
    expect(response.status).toBe(503);
    expect(await response.json()).toMatchObject({ checks: { broker: { status: 'down' }, engine: { status: 'up' } } });
    agent.child.kill('SIGTERM');
    expect(await agent.exited).toBe(0);
    expect(agent.output()).not.toContain('hush');
  });

  it('reports 200 private routes that do not answer, and no report is late', async () => {
    const ends = await RouteEnds.start();
    try {
      const { open, silent } = ends.ports;
      const quiet = Array.from({ length: 199 }, (_, index) => `127.0.1.${index}:${silent}`);
      await bench.declare('main');
      bench.agent({
        ...environment(),
        SIGNALBOX_PRIVATE_ROUTES: [`127.0.0.1:${open}`, ...quiet].join(','),
        SIGNALBOX_ROUTE_TIMEOUT_MS: '500',
      });
      const left = ({ private_routes: found = {} }: DataplaneReport): number =>
        Object.values(found).filter((text) => text === 'not probed yet').length;
      const { private_routes: found } = await bench.report(
        (report) => report.private_routes !== undefined && left(report) === 0,
      );

      expect(found).toEqual(
        Object.fromEntries([[`127.0.0.1:${open}`, 'OK'], ...quiet.map((name) => [name, 'no answer within 0.5 s'])]),
      );
      // Reports went on during the probes: each shows how many are left.
      expect(new Set(bench.reports.map(left)).size).toBeGreaterThan(3);
    } finally {
      await ends.stop();
    }
  });
});
