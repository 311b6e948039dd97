import type { Clock, Logger } from '@signalbox/platform';
import type { SupervisedSandboxOptions } from '@signalbox/sandbox';
import { WORKER_THREADS } from '../work/worker-threads.js';
import { FRAME_LIMITS } from '../worker/protocol.js';

/** A program that calls `runWorker`. */
export interface WorkerProgram {
  readonly module: URL;
  /** What it loads beside its module. */
  readonly readable: readonly URL[];
}

export interface WorkerSettings {
  readonly program: WorkerProgram;
  readonly memoryBytes: number;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** The stacks of its threads count as memory of the process, nearly all of it unused: what is beyond Node's usual four comes on top. */
const STACKS_BYTES = (WORKER_THREADS - 4) * 8 * 1_024 * 1_024;

/** How workers are run. */
export const workerOptions = ({ program, memoryBytes, clock, logger }: WorkerSettings): SupervisedSandboxOptions => ({
  ...program,
  env: { UV_THREADPOOL_SIZE: String(WORKER_THREADS) },
  memoryBytes: memoryBytes + STACKS_BYTES,
  // The rest is for buffers, code and the program itself.
  heapBytes: memoryBytes / 2,
  limits: FRAME_LIMITS,
  clock,
  logger,
  startWithinMs: 60_000,
  pingEveryMs: 5_000,
  missedPings: 4,
  stopWithinMs: 8_000,
  restart: { minMs: 1_000, maxMs: 300_000 },
});
