import { availableParallelism } from 'node:os';
import { dataplaneName } from '@signalbox/contracts/messages';
import { envInteger, type Environment, loadConfig, serviceEnv } from '@signalbox/platform';
import { z } from 'zod';
import { MAX_DRAIN_MS } from './lifecycle/stop-bounds.js';
import { parseRoutes } from './routes/route.js';

const { RABBITMQ_URL, LOG_LEVEL, SIGNALBOX_MANAGEMENT_HOST, SIGNALBOX_MANAGEMENT_PORT, DATABASE_URL, BROKER_SENDERS } =
  serviceEnv;

const routes = z
  .string()
  .meta({ values: '`host:port` or `host:port/tls`, separated by commas; IPv6 as `[::1]:5432`' })
  .transform((text, context) => {
    const parsed = parseRoutes(text);
    if (parsed.ok) return parsed.routes;
    context.issues.push({ code: 'custom', message: parsed.problem, input: text });
    return z.NEVER;
  });

export const configSchema = z
  .object({
    RABBITMQ_URL,
    BROKER_SENDERS: BROKER_SENDERS.describe(
      '`checked`: commands are believed only from the users of the gateway and of dataplane-control. `unchecked`: from every user.',
    ),
    LOG_LEVEL,
    SIGNALBOX_MANAGEMENT_HOST,
    SIGNALBOX_MANAGEMENT_PORT,
    SIGNALBOX_DATAPLANE: dataplaneName.default('main').meta({
      description: 'The name of the dataplane that this agent reports for.',
      values: '1 to 63 of a-z, 0-9 and hyphens',
    }),
    SIGNALBOX_ENGINE: z
      .enum(['local', 'spark'], { error: 'expected local or spark' })
      .default('local')
      .describe('`local`: the agent runs operations itself. `spark`: it reads the monitoring API of a Spark driver.'),
    SIGNALBOX_REPORT_INTERVAL_MS: envInteger({ min: 100, max: 3_600_000 })
      .default(5_000)
      .describe('Milliseconds between two reports. `examples/dataplane-agent.py` reads it too.'),
    SIGNALBOX_PRIVATE_ROUTES: routes
      .default([])
      .describe(
        'Addresses that must be reachable from this machine. `/tls`: with a valid certificate. Shown in `GET /api/status`.',
      ),
    SIGNALBOX_ROUTE_PROBE_INTERVAL_MS: envInteger({ min: 100, max: 3_600_000 })
      .default(5_000)
      .describe('Milliseconds between two probes of a private route.'),
    SIGNALBOX_ROUTE_TIMEOUT_MS: envInteger({ min: 10, max: 60_000 })
      .default(3_000)
      .describe('Milliseconds for all steps of one probe together.'),
    SIGNALBOX_THREADS: envInteger({ min: 1, max: 256 }).default(Math.max(2, availableParallelism())).meta({
      description: 'Operations that the local engine runs at once, each in a worker thread of its own.',
      default_text: 'the number of CPU cores, at least 2',
    }),
    SIGNALBOX_WORKER_MEMORY_MB: envInteger({ min: 16, max: 1_048_576 })
      .default(256)
      .describe('MiB of JavaScript heap of one worker. An operation that needs more fails.'),
    SIGNALBOX_MAX_FRAME_MB: envInteger({ min: 1, max: 1_048_576 })
      .default(64)
      .describe('MiB of the largest table and of the largest file that an operation may read.'),
    SIGNALBOX_AGENT_FILES: z.string().default('.').describe('The operation `hash-tree` reads below this folder only.'),
    SIGNALBOX_AGENT_DATABASE_URL: DATABASE_URL.optional().describe(
      'The Postgres database that the operation `profile-table` reads. Without it the operation fails.',
    ),
    SIGNALBOX_DRAIN_MS: envInteger({ min: 0, max: MAX_DRAIN_MS })
      .default(2_000)
      .describe('Milliseconds for which running operations may go on after SIGTERM.'),
    SIGNALBOX_GIT_HASH: z.string().max(100).optional().meta({
      description: '`git_hash` in `GET /api/status`.',
      default_text: 'of the checkout',
    }),
    SIGNALBOX_BUILD_DATE: z.string().max(100).optional().meta({
      description: '`build_date` in `GET /api/status`.',
      default_text: 'of the build',
    }),
    SIGNALBOX_SPARK_URL: z
      .url({ protocol: /^https?$/, error: 'expected a URL that starts with http:// or https://' })
      .optional()
      .meta({
        description: 'The monitoring API of the Spark driver. Required where `SIGNALBOX_ENGINE` is `spark`.',
        values: 'URL that starts with http:// or https://',
      }),
  })
  .refine((env) => env.SIGNALBOX_ENGINE !== 'spark' || env.SIGNALBOX_SPARK_URL !== undefined, {
    path: ['SIGNALBOX_SPARK_URL'],
    message: 'needed where SIGNALBOX_ENGINE is spark, e.g. http://driver:4040',
  });

export type Config = z.output<typeof configSchema>;

export const readConfig = (env: Environment = process.env): Config => loadConfig(configSchema, env);
