import type { Clock, Logger } from '@signalbox/platform';
import type { SupervisedSandboxOptions } from '@signalbox/sandbox';
import { WORKER_THREADS } from '../work/worker-threads.js';
import { FRAME_LIMITS } from '../worker/protocol.js';

export interface WorkerSettings {
  readonly module: URL;
  readonly memoryBytes: number;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Code, and nothing else of a checkout: `.env` is beside it. */
const PROGRAM = ['../../', '../../../../libs/', '../../../../node_modules/'].map(
  (path) => new URL(path, import.meta.url),
);

/** The stacks of its threads count as memory of the process, nearly all of it unused: what is beyond Node's usual four comes on top. */
const STACKS_BYTES = (WORKER_THREADS - 4) * 8 * 1_024 * 1_024;

/** How workers are run. */
export const workerOptions = ({ module, memoryBytes, clock, logger }: WorkerSettings): SupervisedSandboxOptions => ({
  module,
  env: { UV_THREADPOOL_SIZE: String(WORKER_THREADS) },
  readable: PROGRAM,
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
