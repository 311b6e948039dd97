import { z } from 'zod';

const version = z.object({ spark: z.string() });
/** Attempts have ids in YARN's cluster mode only. */
const attempt = z.object({ attemptId: z.string().optional(), completed: z.boolean() });
const applications = z.array(z.object({ id: z.string(), attempts: z.array(attempt).default([]) }));
const executor = z.object({
  id: z.string(),
  isActive: z.boolean(),
  totalCores: z.number(),
  maxTasks: z.number(),
  maxMemory: z.number(),
  memoryUsed: z.number(),
});
const environment = z.object({ sparkProperties: z.array(z.tuple([z.string(), z.string()])) });
const jobs = z.array(z.object({ jobId: z.int() }));
const stages = z.array(z.object({ stageId: z.int() }));

export type SparkExecutor = z.infer<typeof executor>;

/** What the monitoring API of a driver answered; memory in bytes. */
export interface SparkFacts {
  readonly version: string;
  readonly executors: readonly SparkExecutor[];
  readonly properties: ReadonlyMap<string, string>;
  readonly runningJobs: readonly number[];
  readonly pendingStages: number;
}

/**
 * Queries the driver at `url` (https://spark.apache.org/docs/latest/monitoring.html#rest-api).
 * @throws Error where it does not answer everything within `timeoutMs`, or in another shape than documented
 */
export async function readSparkFacts(url: string, timeoutMs: number): Promise<SparkFacts> {
  const signal = AbortSignal.timeout(timeoutMs);
  const api = `${url.replace(/\/+$/, '')}/api/v1`;
  const get = async <T>(path: string, schema: z.ZodType<T>): Promise<T> => {
    const response = await fetch(`${api}${path}`, { signal, headers: { accept: 'application/json' } });
    if (!response.ok) throw new Error(`the driver answers ${response.status} to ${path}`);
    const answer = schema.safeParse(await response.json());
    if (!answer.success) throw new Error(`the driver answers ${path} in another shape than is documented`);
    return answer.data;
  };
  const known = await get('/applications', applications);
  const application = known.find(({ attempts }) => attempts.some(({ completed }) => !completed)) ?? known[0];
  if (!application) throw new Error('the driver knows no application');
  const { attemptId } = application.attempts.find(({ completed }) => !completed) ?? application.attempts[0] ?? {};
  const base = `/applications/${[application.id, ...(attemptId === undefined ? [] : [attemptId])].map(encodeURIComponent).join('/')}`;
  const [{ spark }, executors, { sparkProperties }, running, pending] = await Promise.all([
    get('/version', version),
    get(`${base}/executors`, z.array(executor)),
    get(`${base}/environment`, environment),
    get(`${base}/jobs?status=running`, jobs),
    get(`${base}/stages?status=pending`, stages),
  ]);
  return {
    version: spark,
    executors: executors.filter(({ isActive }) => isActive),
    properties: new Map(sparkProperties),
    runningJobs: running.map(({ jobId }) => jobId),
    pendingStages: pending.length,
  };
}
