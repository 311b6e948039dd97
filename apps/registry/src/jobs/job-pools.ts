import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { BUSY_RETRY_SECONDS } from '@signalbox/contracts/messages';
import { CLOCK, CONFIG, LOGGER, type Clock, type Logger } from '@signalbox/platform';
import { JobPool, PoolBusy, type Job, type JobPoolOptions } from '@signalbox/sandbox';
import type { Config } from '../config.js';
import { refused } from '../requests/refusal.js';
import { JobMetrics } from './jobs.metrics.js';
import { JOB_KINDS, type JobKind } from './job-kinds.js';
import { CONNECTION_TEST, DUCKDB_STATEMENT, gitProgram, MANIFEST } from './programs.js';

type PoolOptions = Omit<JobPoolOptions, 'clock' | 'logger' | 'onDeath'>;

/** All that runs and waits here together is less than the requests that are handled at once: others are always handled. */
const poolsWith = (maxRepositoryBytes: number): Record<JobKind, PoolOptions> => ({
  connection_test: {
    program: CONNECTION_TEST,
    processes: 8,
    processesPerCaller: 6,
    spares: 1,
    mostJobs: { all: 32, perCaller: 16 },
  },
  // It meets nothing of a stranger: a process has many of them, because to load DuckDB takes half a second of CPU time.
  duckdb: {
    program: DUCKDB_STATEMENT,
    processes: 2,
    processesPerCaller: 1,
    spares: 0,
    jobsPerProcess: 100,
    mostJobs: { all: 16, perCaller: 8 },
  },
  git: {
    program: gitProgram(maxRepositoryBytes),
    processes: 3,
    processesPerCaller: 2,
    spares: 0,
    mostJobs: { all: 32, perCaller: 16 },
  },
  // One takes a millisecond, and so many folders are read at once that there is no need for another bound.
  manifest: { program: MANIFEST, processes: 1, spares: 0, jobsPerProcess: 1_000 },
});

/** The processes in which is read what servers and authors of packages send: this process parses none of it. */
@Injectable()
export class JobPools implements OnApplicationShutdown {
  private readonly pools = new Map<JobKind, JobPool>();
  private readonly options: Record<JobKind, PoolOptions>;

  constructor(
    @Inject(CONFIG) config: Config,
    @Inject(CLOCK) clock: Clock,
    @Inject(LOGGER) logger: Logger,
    private readonly metrics: JobMetrics,
  ) {
    this.options = poolsWith(config.SIGNALBOX_REPOSITORY_MAX_BYTES);
    for (const kind of JOB_KINDS) {
      const onDeath: JobPoolOptions['onDeath'] = (reason) => {
        metrics.died(kind, reason);
        logger.warn({ kind, reason }, 'what was read ended the process that read it');
      };
      const pool = new JobPool({ ...this.options[kind], clock, logger, onDeath });
      this.pools.set(kind, pool);
      metrics.watch(kind, pool);
    }
  }

  async onApplicationShutdown(): Promise<void> {
    await Promise.all(Array.from(this.pools.values(), (pool) => pool.stop()));
  }

  /** Of a process of this kind, bytes. */
  memoryOf(kind: JobKind): number {
    return this.options[kind].program.memoryBytes;
  }

  /**
   * What the program of the kind answers. A stranger may have taken it over: the answer is to be parsed.
   * @throws RequestRefused: busy; JobDied; the reason of the signal
   */
  async run(kind: JobKind, job: Job): Promise<unknown> {
    try {
      return await this.poolOf(kind).run(job);
    } catch (error) {
      if (!(error instanceof PoolBusy)) throw error;
      this.metrics.refused(kind);
      throw refused('busy', busyMessage(kind, error));
    }
  }

  private poolOf(kind: JobKind): JobPool {
    return this.pools.get(kind)!;
  }
}

const WHAT: Record<JobKind, string> = {
  connection_test: 'connection tests',
  duckdb: 'tests of DuckDB connections',
  git: 'repositories being read',
  manifest: 'packages being read',
};

const busyMessage = (kind: JobKind, { of }: PoolBusy): string =>
  `There are as many ${WHAT[kind]} as there may be at once${of === 'caller' ? ' of one caller' : ''}. Nothing was done. Try again in ${BUSY_RETRY_SECONDS} s.`;
