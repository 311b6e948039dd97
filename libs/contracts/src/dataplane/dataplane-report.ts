import { z } from 'zod';
import { dataplaneName } from './dataplane-name.js';
import { text } from '../text.js';

const count = z.int().min(0).max(Number.MAX_SAFE_INTEGER);

/** The engine of a dataplane; memory in MiB. */
export const engineStatus = z.object({
  build_date: text({ max: 100 }),
  implementation_version: text({ max: 100 }),
  git_hash: text({ max: 100 }),
  /** `none` where the engine is not Spark. */
  spark_version: text({ max: 100 }),
  driver_free_memory_mb: count,
  max_executors: count,
  max_memory_per_executor_mb: count,
  cores_per_executor: count,
  max_dataframe_size_mb: count,
  thread_pool_parallelism: count,
});
export type EngineStatus = z.infer<typeof engineStatus>;

/** Ids of running operations, the number of waiting ones, and of open AMQP channels. */
export const threadPool = z.object({ running: z.array(text({ max: 100 })).max(1_000), queued: count, channels: count });
export type ThreadPool = z.infer<typeof threadPool>;

/** `host:port`, a key of `private_routes`. */
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
  /** Names one incarnation of the agent; a new one replaces the present one, for ever. */
  boot_id: text({ max: 200 }),
  /** Grows with each report of an incarnation; a report that is not newer changes nothing. */
  seq: z.int().min(0),
  /** Only a `running` one is healthy; `stopped` is the last report of a graceful shutdown. */
  state: z.enum(['starting', 'running', 'draining', 'stopped']),
  /** Why it is not `running`, for people. */
  reason: z.string().max(500).exactOptional(),
  engine: text({ max: 100 }),
  /** The kinds of operations that it runs; empty: none; absent: not known, every kind is queued. */
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

/** Ms without a report after which a dataplane may be removed: an agent that is there has been asked for one by then, and has sent it. */
export const REMOVABLE_AFTER_MS = 3 * REPORT_INTERVAL_MS;
