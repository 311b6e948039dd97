import type { EngineFigures } from '../engine.js';
import type { SparkExecutor, SparkFacts } from './spark-api.js';

const MIB = 1024 * 1024;

/** The figures of a Spark engine: as its properties set them, else as its executors show. */
export function figuresOf({ version, executors, properties }: SparkFacts, maxFrameMb: number): EngineFigures {
  const driver = executors.find(({ id }) => id === 'driver');
  const others = executors.filter(({ id }) => id !== 'driver');
  // In local mode the driver is the executor.
  const workers = others.length > 0 ? others : executors;
  const most = (of: (executor: SparkExecutor) => number): number => Math.max(0, ...workers.map(of));
  const dynamic = properties.get('spark.dynamicAllocation.enabled') === 'true';
  return {
    spark_version: version,
    driver_free_memory_mb: driver ? Math.max(0, Math.floor((driver.maxMemory - driver.memoryUsed) / MIB)) : 0,
    max_executors:
      wholeNumber(properties.get(dynamic ? 'spark.dynamicAllocation.maxExecutors' : 'spark.executor.instances')) ??
      workers.length,
    max_memory_per_executor_mb:
      memoryMb(properties.get('spark.executor.memory'), 'm') ?? Math.floor(most(({ maxMemory }) => maxMemory) / MIB),
    cores_per_executor: wholeNumber(properties.get('spark.executor.cores')) ?? most(({ totalCores }) => totalCores),
    // The most that the driver collects from its executors; 0 means no bound.
    max_dataframe_size_mb: memoryMb(properties.get('spark.driver.maxResultSize'), 'b') || maxFrameMb,
    thread_pool_parallelism: workers.reduce((sum, { maxTasks }) => sum + maxTasks, 0),
  };
}

function wholeNumber(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,9}$/.test(text) ? Number(text) : undefined;
}

const UNITS = { b: 1, k: 1024, m: MIB, g: 1024 * MIB, t: MIB * MIB, p: 1024 * MIB * MIB } as const;
type Unit = keyof typeof UNITS;

/** A size as Spark writes it (`55000m`, `4g`, `512MB`, `2gib`), in MiB; a bare number counts in `unit`. */
export function memoryMb(text: string | undefined, unit: Unit): number | undefined {
  const [, number, given = unit] = /^(\d{1,15})([bkmgtp])?(?:i?b)?$/.exec(text?.trim().toLowerCase() ?? '') ?? [];
  return number === undefined ? undefined : Math.floor((Number(number) * UNITS[given as Unit]) / MIB);
}
