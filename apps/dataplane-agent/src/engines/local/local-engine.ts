import { getHeapStatistics } from 'node:v8';
import { OPERATION_KINDS, type OperationRequest } from '@signalbox/contracts/messages';
import { Piscina } from 'piscina';
import type { Engine, EngineFigures, EngineWork, OperationRunner } from '../engine.js';
import type { WorkerSetup, WorkerTask } from './worker.js';

export interface LocalEngineOptions extends WorkerSetup {
  readonly threads: number;
  readonly workerMemoryMb: number;
  readonly maxFrameMb: number;
  /** The password in it may be replaced meanwhile. */
  readonly databaseUrl: () => string | undefined;
  /** After each change of what runs. */
  readonly onChange: () => void;
}

const MIB = 1024 * 1024;

/** Runs operations itself, each in a worker thread. A worker is an executor with one core. */
export class LocalEngine implements Engine, OperationRunner {
  readonly name = 'local';
  readonly operations = this;
  readonly problem = undefined;
  readonly kinds = OPERATION_KINDS;
  readonly atOnce: number;
  /** In the order in which the pool takes them. */
  private readonly running = new Set<string>();
  private pool: Piscina<WorkerTask, unknown> | undefined;

  constructor(private readonly options: LocalEngineOptions) {
    this.atOnce = options.threads;
  }

  get ready(): boolean {
    return this.pool !== undefined;
  }

  start(): void {
    const { threads, workerMemoryMb, files } = this.options;
    this.pool = new Piscina<WorkerTask, unknown>({
      filename: new URL('./worker.js', import.meta.url).href,
      minThreads: 0,
      maxThreads: threads,
      idleTimeout: 30_000,
      resourceLimits: { maxOldGenerationSizeMb: workerMemoryMb },
      workerData: { files } satisfies WorkerSetup,
      // A worker with a database connection needs its event loop between two tasks.
      atomics: 'disabled',
    });
  }

  async stop(): Promise<void> {
    const pool = this.pool;
    this.pool = undefined;
    await pool?.destroy();
  }

  status(): EngineFigures {
    const { heap_size_limit: limit, used_heap_size: used } = getHeapStatistics();
    const options = this.pool?.options;
    const threads = options?.maxThreads ?? 0;
    return {
      spark_version: 'none',
      driver_free_memory_mb: Math.max(0, Math.floor((limit - used) / MIB)),
      max_executors: threads,
      max_memory_per_executor_mb: options?.resourceLimits?.maxOldGenerationSizeMb ?? 0,
      cores_per_executor: 1,
      max_dataframe_size_mb: this.options.maxFrameMb,
      thread_pool_parallelism: threads,
    };
  }

  work(): EngineWork {
    const queued = this.pool?.queueSize ?? 0;
    const ids = [...this.running];
    return { running: ids.slice(0, Math.max(0, ids.length - queued)), queued };
  }

  async run(operationId: string, request: OperationRequest, signal: AbortSignal): Promise<unknown> {
    if (!this.pool) throw new Error('the engine is not running');
    this.running.add(operationId);
    this.options.onChange();
    try {
      const { maxFrameMb, databaseUrl } = this.options;
      return await this.pool.run({ request, maxFrameMb, databaseUrl: databaseUrl() }, { signal });
    } finally {
      this.running.delete(operationId);
      this.options.onChange();
    }
  }
}
