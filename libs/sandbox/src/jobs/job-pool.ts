import { FairQueue, type Clock, type Logger } from '@signalbox/platform';
import type { DeathReason } from '../death.rules.js';
import { JobDied, PoolBusy } from './job-errors.js';
import { JobProcess, type JobProgram } from './job-process.js';

export interface JobPoolOptions {
  readonly program: JobProgram;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Jobs that run at once, each in a process of its own. */
  readonly processes: number;
  /** Of these, of one caller: another caller finds a process without waiting for the deadlines of the first. Default: all. */
  readonly processesPerCaller?: number;
  /** Processes that wait for the next job, from the first one on: one that is rarely asked keeps none. */
  readonly spares: number;
  /** Default 1: what a stranger made of the process of one job must not meet the credentials of the next. */
  readonly jobsPerProcess?: number;
  /** Jobs that run or wait, in all and of one caller; more are refused at once. Default: no limit. */
  readonly mostJobs?: { readonly all: number; readonly perCaller: number };
  /** A process ended by itself, or was ended. */
  readonly onDeath?: (reason: DeathReason) => void;
}

export interface Job {
  /** Who asks for it; undefined: this service itself, whose jobs are never refused. */
  readonly caller: string | undefined;
  /** What the program gets, over a pipe: it may hold credentials. */
  readonly message: unknown;
  /** From its start; then its process is killed. */
  readonly withinMs: number;
  /** Ends it early, also while it waits. */
  readonly signal?: AbortSignal | undefined;
}

interface Waiting extends Job {
  readonly resolve: (answer: unknown) => void;
  readonly reject: (error: unknown) => void;
  readonly stopListening: () => void;
}

/** Runs jobs in processes that are made for them, so many at a time. One that dies costs its job alone. */
export class JobPool {
  private readonly queue = new FairQueue<Waiting>();
  /** Running jobs by caller. */
  private readonly runningOf = new Map<string | undefined, number>();
  private readonly running = new Set<JobProcess>();
  private readonly idle: JobProcess[] = [];
  private readonly alive = new Map<JobProcess, Promise<void>>();
  private stopped = false;

  constructor(private readonly options: JobPoolOptions) {}

  /** `idle`: processes that wait for a job. */
  get counts(): { readonly running: number; readonly waiting: number; readonly idle: number } {
    return { running: this.running.size, waiting: this.queue.length, idle: this.idle.length };
  }

  /**
   * The answer is from a process that a stranger may have taken over: it is to be parsed.
   * @throws PoolBusy at once; JobDied; the reason of the signal
   */
  run(job: Job): Promise<unknown> {
    const { caller, signal } = job;
    if (signal?.aborted || this.stopped) return Promise.reject(signal?.reason ?? new Error('the pool was stopped'));
    const busy = this.refusalOf(caller);
    if (busy) return Promise.reject(busy);
    return new Promise((resolve, reject) => {
      const giveUp = (): void => void (this.queue.remove(caller, waiting) && reject(signal?.reason));
      const stopListening = (): void => signal?.removeEventListener('abort', giveUp);
      const waiting: Waiting = { ...job, resolve, reject, stopListening };
      signal?.addEventListener('abort', giveUp);
      this.queue.add(caller, waiting);
      this.next();
    });
  }

  /** Ends all processes; jobs that wait or run fail. */
  async stop(): Promise<void> {
    this.stopped = true;
    for (let job = this.queue.take(() => true); job; job = this.queue.take(() => true)) {
      job.stopListening();
      job.reject(new Error('the pool was stopped'));
    }
    for (const process of this.alive.keys()) process.discard();
    await Promise.all(this.alive.values());
  }

  private refusalOf(caller: string | undefined): PoolBusy | undefined {
    const { mostJobs } = this.options;
    if (mostJobs === undefined || caller === undefined) return undefined;
    const own = this.queue.lengthOf(caller) + this.runningBy(caller);
    const all = this.queue.length + this.running.size;
    if (own >= mostJobs.perCaller) return new PoolBusy('caller');
    return all >= mostJobs.all ? new PoolBusy('all') : undefined;
  }

  private runningBy(caller: string | undefined): number {
    return this.runningOf.get(caller) ?? 0;
  }

  private next(): void {
    const { processes, processesPerCaller = processes } = this.options;
    while (!this.stopped && this.running.size < processes) {
      const job = this.queue.take((caller) => caller === undefined || this.runningBy(caller) < processesPerCaller);
      if (job === undefined) break;
      void this.start(job);
    }
  }

  private async start(job: Waiting): Promise<void> {
    const { caller, signal, resolve, reject, stopListening } = job;
    stopListening();
    const process = this.idle.shift() ?? this.launch();
    const abort = (): void => process.discard();
    this.running.add(process);
    this.runningOf.set(caller, this.runningBy(caller) + 1);
    signal?.addEventListener('abort', abort, { once: true });
    try {
      const answer = await process.run(job);
      this.release(process);
      resolve(answer);
    } catch (error) {
      reject(signal?.aborted ? signal.reason : error);
      if (error instanceof JobDied && !signal?.aborted) this.options.onDeath?.(error.reason);
    } finally {
      signal?.removeEventListener('abort', abort);
      this.running.delete(process);
      const left = this.runningBy(caller) - 1;
      if (left > 0) this.runningOf.set(caller, left);
      else this.runningOf.delete(caller);
      this.next();
      // Not earlier: a start takes CPU time from the job.
      this.fill();
    }
  }

  /** After an answer: the process is used again where it may be. */
  private release(process: JobProcess): void {
    const { jobsPerProcess = 1, spares } = this.options;
    if (process.answered < jobsPerProcess && this.idle.length < Math.max(1, spares) && this.alive.has(process))
      this.idle.push(process);
    else process.discard();
  }

  private fill(): void {
    while (!this.stopped && this.idle.length < this.options.spares) this.idle.push(this.launch());
  }

  private launch(): JobProcess {
    const { program, clock, logger } = this.options;
    let ended = (): void => undefined;
    const process: JobProcess = new JobProcess({
      program,
      clock,
      logger,
      onEnd: () => {
        this.alive.delete(process);
        const at = this.idle.indexOf(process);
        if (at !== -1) this.idle.splice(at, 1);
        ended();
      },
    });
    this.alive.set(process, new Promise<void>((resolve) => (ended = resolve)));
    return process;
  }
}
