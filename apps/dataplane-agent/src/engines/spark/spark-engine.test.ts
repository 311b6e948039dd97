import { collectLogs, eventually, FakeClock, SparkDriver } from '@signalbox/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SparkEngine } from './spark-engine.js';
import { memoryMb } from './spark-figures.rules.js';

let driver: SparkDriver;
let engine: SparkEngine | undefined;

beforeEach(async () => {
  driver = await SparkDriver.start();
});

afterEach(async () => {
  await engine?.stop();
  await driver.stop();
});

function looking(options: { timeoutMs?: number } = {}) {
  const clock = new FakeClock();
  const changes: boolean[] = [];
  const { logger, lines } = collectLogs();
  const made = new SparkEngine({
    url: driver.url,
    intervalMs: 1_000,
    maxFrameMb: 64,
    clock,
    logger,
    onChange: () => changes.push(made.ready),
    ...options,
  });
  engine = made;
  return { engine: made, clock, changes, lines };
}

describe('SparkEngine', () => {
  it('is not ready, and reports no figures, before the driver has answered', () => {
    const { engine } = looking();
    expect(engine.ready).toBe(false);
    expect(engine.status()).toMatchObject({ spark_version: 'unknown', max_executors: 0 });
    expect(engine.work()).toEqual({ running: [], queued: 0 });
  });

  it('reports what the driver answers', async () => {
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

  it('derives figures from the executors where no property sets them', async () => {
    driver.answers[driver.of('/environment')] = { sparkProperties: [['spark.driver.maxResultSize', '0']] };
    const { engine } = looking();
    engine.start();
    await eventually(() => engine.ready);
    expect(engine.status()).toMatchObject({
      max_executors: 2,
      max_memory_per_executor_mb: 3_072,
      cores_per_executor: 7,
      max_dataframe_size_mb: 64,
    });
  });

  it('is not ready while the driver fails, and ready again after that', async () => {
    const { engine, clock, changes, lines } = looking();
    engine.start();
    await eventually(() => engine.ready);
    const { answers } = driver;
    driver.answers = {};
    await eventually(() => (clock.advance(1_000), !engine.ready));
    driver.answers = answers;
    await eventually(() => (clock.advance(1_000), engine.ready));
    expect(changes).toEqual([true, false, true]);
    expect(lines.filter(({ level }) => level === 'warn')).toMatchObject([
      { reason: 'the driver answers 404 to /applications' },
    ]);
  });

  it('queries the running attempt where there are several', async () => {
    const attempts = [
      { attemptId: '2', completed: false },
      { attemptId: '1', completed: true },
    ];
    const answers = Object.entries(driver.answers).map(([path, answer]) => [
      path.replace(SparkDriver.application, `${SparkDriver.application}/2`),
      answer,
    ]);
    driver.answers = { ...Object.fromEntries(answers), '/applications': [{ id: SparkDriver.application, attempts }] };
    const { engine } = looking();
    engine.start();
    await eventually(() => engine.ready);
    expect(engine.status()).toMatchObject({ spark_version: '3.5.1', max_executors: 12 });
  });

  it('is idle when the driver reports no running job', async () => {
    const { engine, clock } = looking();
    engine.start();
    await eventually(() => engine.ready);
    let isIdle = false;
    const { signal } = new AbortController();
    void engine.idle(signal).then(() => (isIdle = true));
    const asked = driver.asked.length;
    await eventually(() => (clock.advance(1_000), driver.asked.length > asked + 12));
    expect(isIdle).toBe(false);
    const { answers } = driver;
    driver.answers = {};
    await eventually(() => (clock.advance(1_000), !engine.ready));
    expect(isIdle).toBe(false);
    driver.answers = { ...answers, [driver.of('/jobs?status=running')]: [] };
    await eventually(() => (clock.advance(1_000), isIdle));
  });

  it('polls once more before it is idle', async () => {
    const jobs = driver.answers[driver.of('/jobs?status=running')];
    driver.answers[driver.of('/jobs?status=running')] = [];
    const { engine } = looking();
    engine.start();
    await eventually(() => engine.ready);
    driver.answers[driver.of('/jobs?status=running')] = jobs;
    let isIdle = false;
    const interrupt = new AbortController();
    const idle = engine.idle(interrupt.signal).then(() => (isIdle = true));
    await eventually(() => engine.work().running.length > 0);
    expect(isIdle).toBe(false);
    interrupt.abort();
    await idle;
  });

  it('is idle when the driver has exited', async () => {
    const { engine, clock } = looking();
    engine.start();
    await eventually(() => engine.ready);
    await driver.stop();
    let isIdle = false;
    void engine.idle(new AbortController().signal).then(() => (isIdle = true));
    await eventually(() => (clock.advance(1_000), isIdle));
    expect(engine.ready).toBe(false);
  });

  it('stops waiting for idle when the signal is aborted', async () => {
    const { engine } = looking();
    engine.start();
    await eventually(() => engine.ready);
    const interrupt = new AbortController();
    const idle = engine.idle(interrupt.signal);
    interrupt.abort();
    await idle;
    expect(engine.work().running).toHaveLength(2);
  });

  it('is not ready where the driver answers in another shape', async () => {
    driver.answers['/version'] = { version: 4 };
    const { engine, lines } = looking();
    engine.start();
    await eventually(() => lines.length > 0);
    expect(engine.ready).toBe(false);
    expect(lines[0]).toMatchObject({ reason: 'the driver answers /version in another shape than is documented' });
  });

  it('times out on a driver that does not answer, and never polls twice at once', async () => {
    driver.isSilent = true;
    const { engine, clock, lines } = looking({ timeoutMs: 200 });
    engine.start();
    await eventually(() => driver.asked.length === 1);
    clock.advance(60_000);
    await eventually(() => lines.length > 0);
    expect(driver.asked).toEqual(['/applications']);
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
