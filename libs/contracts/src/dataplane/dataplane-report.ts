import { z } from 'zod';
import { dataplaneName } from './dataplane-name.js';
import { text } from '../text.js';

const count = z.int().min(0).max(Number.MAX_SAFE_INTEGER);

/** What a dataplane says of its engine (contracts/platform.md); memory in MiB. */
export const engineStatus = z.object({
  build_date: text({ max: 100 }),
  implementation_version: text({ max: 100 }),
  git_hash: text({ max: 100 }),
  /** `none` where the engine is no Spark. */
  spark_version: text({ max: 100 }),
  driver_free_memory_mb: count,
  max_executors: count,
  max_memory_per_executor_mb: count,
  cores_per_executor: count,
  max_dataframe_size_mb: count,
  thread_pool_parallelism: count,
});
export type EngineStatus = z.infer<typeof engineStatus>;

/** What is being worked on: ids of running operations, how many wait, how many AMQP channels are open for it. */
export const threadPool = z.object({ running: z.array(text({ max: 100 })).max(1_000), queued: count, channels: count });
export type ThreadPool = z.infer<typeof threadPool>;

/** `host:port`, as `private_routes` names what is probed. */
export const routeAddress = z
  .string()
  .max(300)
  .regex(/^.+:[0-9]{1,5}$/);

/**
 * A report of a dataplane, as its agent publishes it to `signalbox.reports` with the key `dataplane.<name>` (public API,
 * `docs/messages.md`). Members that are not named here are ignored.
 */
export const dataplaneReport = z.object({
  dataplane: dataplaneName,
  /** Names one life of the agent's process; a new one replaces the present one, for ever. */
  boot_id: text({ max: 200 }),
  /** Grows by each report of one life; what is not newer changes nothing. */
  seq: z.int().min(0),
  /** Only a `running` one is healthy; `stopped` is the goodbye. */
  state: z.enum(['starting', 'running', 'draining', 'stopped']),
  /** Why it is in this state, for people; told where it is not `running`. */
  reason: z.string().max(500).exactOptional(),
  engine: text({ max: 100 }),
  /** The kinds of operations that it runs; empty: none. Where it does not say, whatever is asked for is queued. */
  operations: z
    .array(text({ max: 100 }))
    .max(100)
    .exactOptional(),
  pid: z.int().min(0),
  /** Unix ms by the agent's own clock. */
  started_at: z.int().min(0),
  status: engineStatus,
  thread_pool: threadPool,
  /** Each route with `OK` or why it cannot be reached; absent where none is probed. */
  private_routes: z.record(routeAddress, z.string().max(500)).exactOptional(),
});
export type DataplaneReport = z.infer<typeof dataplaneReport>;

/** Ms between two reports. */
export const REPORT_INTERVAL_MS = 5_000;
