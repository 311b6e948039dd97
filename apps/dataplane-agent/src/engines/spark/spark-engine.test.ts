import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { collectLogs, eventually, FakeClock } from '@signalbox/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SparkEngine } from './spark-engine.js';
import { memoryMb } from './spark-figures.js';

const GIB = 1024 ** 3;
const APPLICATION = '/api/v1/applications/app-20260404120000-0001';
const executor = (id: string, more: Record<string, unknown> = {}) => ({
  id,
  hostPort: '10.0.0.1:4711',
  isActive: true,
  rddBlocks: 0,
  memoryUsed: GIB / 2,
  diskUsed: 0,
  totalCores: 7,
  maxTasks: 7,
  activeTasks: 1,
  maxMemory: 2 * GIB,
  ...more,
});

/** In the shapes of Spark's documentation. */
const answers = (): Record<string, unknown> => ({
  '/api/v1/version': { spark: '3.5.1' },
  '/api/v1/applications': [{ id: 'app-20260404120000-0001', name: 'SparkMothership', attempts: [{ startTime: '2026-04-04T12:00:00.000GMT', completed: false, appSparkVersion: '3.5.1' }] }],
  [`${APPLICATION}/executors`]: [executor('driver', { totalCores: 0, maxTasks: 0 }), executor('1'), executor('2', { maxMemory: 3 * GIB }), executor('3', { isActive: false })],
  [`${APPLICATION}/environment`]: {
    runtime: { javaVersion: '17', scalaVersion: '2.12' },
    sparkProperties: [
      ['spark.dynamicAllocation.enabled', 'true'],
      ['spark.dynamicAllocation.maxExecutors', '12'],
      ['spark.executor.memory', '55000m'],
      ['spark.executor.cores', '7'],
      ['spark.driver.maxResultSize', '4g'],
    ],
    systemProperties: [],
  },
  [`${APPLICATION}/jobs?status=running`]: [{ jobId: 41, name: 'count', status: 'RUNNING', stageIds: [1] }, { jobId: 42, name: 'collect', status: 'RUNNING', stageIds: [2] }],
  [`${APPLICATION}/stages?status=pending`]: [{ stageId: 3, status: 'PENDING', attemptId: 0 }],
});

let driver: Server;
let given: Record<string, unknown>;
let asked: string[];
let silent: boolean;
let engine: SparkEngine | undefined;

beforeEach(async () => {
  [given, asked, silent] = [answers(), [], false];
  driver = createServer((request, response) => {
    asked.push(request.url ?? '');
    const answer = given[request.url ?? ''];
    if (silent) return;
    response.writeHead(answer === undefined ? 404 : 200, { 'content-type': 'application/json' }).end(JSON.stringify(answer ?? {}));
  });
  await new Promise<void>((resolve) => driver.listen(0, '127.0.0.1', resolve));
});

afterEach(async () => {
  await engine?.stop();
  driver.closeAllConnections();
  await new Promise((resolve) => driver.close(resolve));
});

function looking(options: { timeoutMs?: number } = {}) {
  const clock = new FakeClock();
  const changes: boolean[] = [];
  const { logger, lines } = collectLogs();
  const url = `http://127.0.0.1:${(driver.address() as AddressInfo).port}/`;
  const made = new SparkEngine({ url, intervalMs: 1_000, maxFrameMb: 64, clock, logger, onChange: () => changes.push(made.ready), ...options });
  engine = made;
  return { engine: made, clock, changes, lines };
}

describe('SparkEngine', () => {
  it('is not ready, and claims nothing, before the driver has answered', () => {
    const { engine } = looking();
    expect(engine.ready).toBe(false);
    expect(engine.status()).toMatchObject({ spark_version: 'unknown', max_executors: 0 });
    expect(engine.work()).toEqual({ running: [], queued: 0 });
  });

  it('says what the driver says', async () => {
    const { engine, changes } = looking();
    engine.start();
    await eventually(() => engine.ready);
    expect(engine.status()).toEqual({
      spark_version: '3.5.1',
      driver_free_memory_mb: 1_536,
      max_executors: 12,
      max_memory_per_executor_mb: 55_000,
      cores_per_executor: 7,
      max_dataframe_size_mb: 4_096,
      thread_pool_parallelism: 14,
    });
    expect(engine.work()).toEqual({ running: ['job-41', 'job-42'], queued: 1 });
    expect(changes).toEqual([true]);
  });

  it('says what is to be seen where no property says it', async () => {
    given[`${APPLICATION}/environment`] = { sparkProperties: [['spark.driver.maxResultSize', '0']] };
    const { engine } = looking();
    engine.start();
    await eventually(() => engine.ready);
    expect(engine.status()).toMatchObject({ max_executors: 2, max_memory_per_executor_mb: 3_072, cores_per_executor: 7, max_dataframe_size_mb: 64 });
  });

  it('is not ready while the driver fails, and ready again after that', async () => {
    const { engine, clock, changes, lines } = looking();
    engine.start();
    await eventually(() => engine.ready);
    given = {};
    await eventually(() => (clock.advance(1_000), !engine.ready));
    given = answers();
    await eventually(() => (clock.advance(1_000), engine.ready));
    expect(changes).toEqual([true, false, true]);
    expect(lines.filter(({ level }) => level === 'warn')).toMatchObject([{ reason: 'the driver answers 404 to /applications' }]);
  });

  it('is not ready where the driver answers in another shape', async () => {
    given['/api/v1/version'] = { version: 4 };
    const { engine, lines } = looking();
    engine.start();
    await eventually(() => lines.length > 0);
    expect(engine.ready).toBe(false);
    expect(lines[0]).toMatchObject({ reason: 'the driver answers /version in another shape than is documented' });
  });

  it('gives up on a silent driver, and never asks twice at once', async () => {
    silent = true;
    const { engine, clock, lines } = looking({ timeoutMs: 200 });
    engine.start();
    await eventually(() => asked.length === 1);
    clock.advance(60_000);
    await eventually(() => lines.length > 0);
    expect(asked).toEqual(['/api/v1/applications']);
    expect(engine.ready).toBe(false);
  });
});

describe('memoryMb', () => {
  it.each([
    ['55000m', 55_000],
    ['4g', 4_096],
    ['512', 512],
    ['2GiB', 2_048],
    ['1048576k', 1_024],
    ['much', undefined],
    [undefined, undefined],
  ])('%s', (text, expected) => {
    expect(memoryMb(text, 'm')).toBe(expected);
  });
});
