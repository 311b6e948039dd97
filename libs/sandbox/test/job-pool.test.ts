import { readFileSync } from 'node:fs';
import { systemClock } from '@signalbox/platform';
import { collectLogs, eventually } from '@signalbox/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { JobDied, JobPool, PoolBusy, type Job, type JobPoolOptions } from '../src/index.js';

const { logger } = collectLogs();

const program = {
  module: new URL('jobs.mjs', import.meta.url),
  env: {},
  memoryBytes: 2 ** 28,
  heapBytes: 2 ** 26,
  limits: { message: 2 ** 16, bytes: 2 ** 16 },
};

const pools: JobPool[] = [];
afterEach(() => Promise.all(pools.splice(0).map((pool) => pool.stop())));

function poolWith(options: Partial<JobPoolOptions> = {}): JobPool {
  const pool = new JobPool({ program, clock: systemClock, logger, processes: 2, spares: 0, ...options });
  pools.push(pool);
  return pool;
}

const job = (task: string, changes: Partial<Job> = {}): Job => ({
  caller: 'a',
  message: { task },
  withinMs: 30_000,
  ...changes,
});

interface Echo {
  readonly text: string;
  readonly pid: number;
  readonly jobs: number;
}

const echo = async (pool: JobPool, text = '', caller = 'a'): Promise<Echo> =>
  (await pool.run(job('echo', { message: { task: 'echo', text }, caller }))) as Echo;

const diesOf = (reason: string, detail?: string): unknown =>
  expect.objectContaining({ name: 'JobDied', reason, ...(detail !== undefined && { detail }) }) as unknown;

const isAlive = (pid: number): boolean => {
  try {
    return !readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ');
  } catch {
    return false;
  }
};

describe('a pool of jobs', () => {
  it('gives each job a process of its own, and ends the process with the job', async () => {
    const pool = poolWith();
    const [first, second] = [await echo(pool, 'one'), await echo(pool, 'two')];
    expect(second).toMatchObject({ text: 'two', jobs: 1 });
    expect(second.pid).not.toBe(first.pid);
    await eventually(() => !isAlive(first.pid) && !isAlive(second.pid));
  });

  it('gives a process several jobs where that is said, and no other after one that failed', async () => {
    const pool = poolWith({ processes: 1, jobsPerProcess: 3 });
    const pids = [await echo(pool), await echo(pool), await echo(pool), await echo(pool)].map(({ pid }) => pid);
    expect(new Set(pids.slice(0, 3)).size).toBe(1);
    expect(pids[3]).not.toBe(pids[0]);
    await expect(pool.run(job('throw'))).rejects.toEqual(diesOf('crashed', 'Error: broken by the test'));
    expect((await echo(pool)).pid).not.toBe(pids[3]);
  });

  it('has another process ready when a job has ended', async () => {
    const deaths: string[] = [];
    const pool = poolWith({ spares: 1, onDeath: (reason) => deaths.push(reason) });
    const first = await echo(pool);
    expect(pool.counts).toEqual({ running: 0, waiting: 0, idle: 1 });
    expect((await echo(pool)).pid).not.toBe(first.pid);
    expect(deaths).toEqual([]);
  });

  it.each([
    ['throw', 'crashed', 'Error: broken by the test'],
    ['late', 'crashed', 'TypeError: process.emit(...).toString(...).missing is not a function'],
    ['exit', 'crashed', undefined],
    ['eat', 'out_of_memory', undefined],
  ])('reports what became of a job (%s), and the next one is done', async (task, reason, detail) => {
    const deaths: string[] = [];
    const pool = poolWith({ processes: 1, onDeath: (death) => deaths.push(death) });
    await expect(pool.run(job(task))).rejects.toEqual(diesOf(reason, detail));
    expect(await echo(pool, 'well')).toMatchObject({ text: 'well' });
    expect(deaths).toEqual([reason]);
  });

  it('ends a job that uses up its CPU time, or its time', async () => {
    const spinning = poolWith({ program: { ...program, cpuSeconds: 1 } });
    await expect(spinning.run(job('spin'))).rejects.toEqual(diesOf('hung'));
    await expect(poolWith().run(job('wait', { withinMs: 10 }))).rejects.toEqual(diesOf('hung'));
  });

  it('ends a job on request, while it runs and while it waits', async () => {
    const pool = poolWith({ processes: 1 });
    const [running, waiting] = [new AbortController(), new AbortController()];
    const outcomes = [running, waiting].map(({ signal }) => pool.run(job('wait', { signal })));
    expect(pool.counts).toEqual({ running: 1, waiting: 1, idle: 0 });
    for (const [index, abort] of [waiting, running].entries()) abort.abort(new Error(`aborted ${index}`));
    await expect(outcomes[1]).rejects.toThrow('aborted 0');
    await expect(outcomes[0]).rejects.toThrow('aborted 1');
    expect(await echo(pool, 'well')).toMatchObject({ text: 'well' });
  });

  it('refuses at once what is more than may wait, of one caller and of all, but not its own', async () => {
    const pool = poolWith({ processes: 1, mostJobs: { all: 3, perCaller: 2 } });
    const abort = new AbortController();
    const give = (caller: string | undefined): Promise<unknown> =>
      pool.run(job('wait', { caller, signal: abort.signal }));
    const taken = [give('a'), give('a')].map((each) => each.catch(() => 'ended'));
    await expect(give('a')).rejects.toMatchObject({ of: 'caller' });
    taken.push(give('b').catch(() => 'ended'));
    await expect(give('b')).rejects.toBeInstanceOf(PoolBusy);
    await expect(give('c')).rejects.toMatchObject({ of: 'all' });
    taken.push(give(undefined).catch(() => 'ended'));
    abort.abort(new Error('over'));
    expect(await Promise.all(taken)).toEqual(['ended', 'ended', 'ended', 'ended']);
    expect(pool.counts).toEqual({ running: 0, waiting: 0, idle: 0 });
  });

  it('keeps a process for other callers', async () => {
    const pool = poolWith({ processes: 2, processesPerCaller: 1 });
    const abort = new AbortController();
    const { signal } = abort;
    const stuck = [1, 2, 3].map(() => pool.run(job('wait', { signal })).catch(() => undefined));
    expect(pool.counts).toEqual({ running: 1, waiting: 2, idle: 0 });
    expect(await echo(pool, 'passed', 'b')).toMatchObject({ text: 'passed' });
    abort.abort();
    await Promise.all(stuck);
  });

  it('leaves no process behind when it is stopped', async () => {
    const pool = poolWith({ spares: 1 });
    const { pid } = await echo(pool);
    const outcome = pool.run(job('wait')).catch((error: unknown) => error);
    await pool.stop();
    expect(await outcome).toBeInstanceOf(JobDied);
    expect(isAlive(pid)).toBe(false);
    await expect(pool.run(job('wait'))).rejects.toThrow('stopped');
  });
});
