import type { Clock, Logger } from '@signalbox/platform';
import type { SupervisedSandboxOptions } from '@signalbox/sandbox';
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

/** How workers are run. */
export const workerOptions = ({ module, memoryBytes, clock, logger }: WorkerSettings): SupervisedSandboxOptions => ({
  module,
  env: {},
  readable: PROGRAM,
  memoryBytes,
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
