import { availableParallelism } from 'node:os';
import { dataplaneName } from '@signalbox/contracts/messages';
import { envInteger, loadConfig, serviceEnv } from '@signalbox/platform';
import { z } from 'zod';
import { MAX_DRAIN_MS } from './control/drain-bounds.js';
import { parseRoutes } from './routes/route.js';

const { RABBITMQ_URL, LOG_LEVEL, SIGNALBOX_MANAGEMENT_HOST, SIGNALBOX_MANAGEMENT_PORT, DATABASE_URL } = serviceEnv;

const routes = z.string().transform((text, context) => {
  const parsed = parseRoutes(text);
  if (parsed.ok) return parsed.routes;
  context.issues.push({ code: 'custom', message: parsed.problem, input: text });
  return z.NEVER;
});

const schema = z
  .object({
    RABBITMQ_URL,
    LOG_LEVEL,
    SIGNALBOX_MANAGEMENT_HOST,
    SIGNALBOX_MANAGEMENT_PORT,
    SIGNALBOX_DATAPLANE: dataplaneName.default('main'),
    SIGNALBOX_ENGINE: z.enum(['local', 'spark'], { error: 'expected local or spark' }).default('local'),
    SIGNALBOX_REPORT_INTERVAL_MS: envInteger({ min: 100, max: 3_600_000 }).default(5_000),
    /** What must be reachable from where this process stands: `host:port`, `host:port/tls`, `[::1]:5432`, with commas between. */
    SIGNALBOX_PRIVATE_ROUTES: routes.default([]),
    SIGNALBOX_ROUTE_PROBE_INTERVAL_MS: envInteger({ min: 100, max: 3_600_000 }).default(15_000),
    /** For all steps of one probe together. */
    SIGNALBOX_ROUTE_TIMEOUT_MS: envInteger({ min: 10, max: 60_000 }).default(3_000),
    /** Operations that run at once, each in a worker of its own. */
    SIGNALBOX_THREADS: envInteger({ min: 1, max: 256 }).default(Math.max(2, availableParallelism())),
    /** MiB of JavaScript heap that one worker may use; an operation that needs more fails. */
    SIGNALBOX_WORKER_MEMORY_MB: envInteger({ min: 16, max: 1_048_576 }).default(256),
    /** MiB of the largest relation and the largest file that an operation may read. */
    SIGNALBOX_MAX_FRAME_MB: envInteger({ min: 1, max: 1_048_576 }).default(64),
    /** `hash-tree` reads below this folder only. */
    SIGNALBOX_AGENT_FILES: z.string().default('.'),
    /** The database that `profile-table` reads. */
    SIGNALBOX_AGENT_DATABASE_URL: DATABASE_URL.optional(),
    /** How long running operations may go on after SIGTERM. */
    SIGNALBOX_DRAIN_MS: envInteger({ min: 0, max: MAX_DRAIN_MS }).default(2_000),
    SIGNALBOX_GIT_HASH: z.string().max(100).optional(),
    SIGNALBOX_BUILD_DATE: z.string().max(100).optional(),
    /** Where the Spark driver serves its monitoring API. */
    SIGNALBOX_SPARK_URL: z
      .url({ protocol: /^https?$/, error: 'expected a URL that starts with http:// or https://' })
      .optional(),
  })
  .refine((env) => env.SIGNALBOX_ENGINE !== 'spark' || env.SIGNALBOX_SPARK_URL !== undefined, {
    path: ['SIGNALBOX_SPARK_URL'],
    message: 'needed where SIGNALBOX_ENGINE is spark, e.g. http://driver:4040',
  });

export type Config = z.output<typeof schema>;

export const readConfig = (): Config => loadConfig(schema, process.env);
