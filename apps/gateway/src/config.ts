import { dataplaneName, MAX_DRAIN_SECONDS, REPORT_INTERVAL_MS } from '@signalbox/contracts/messages';
import { envBoolean, envInteger, envPort, loadConfig, serviceEnv } from '@signalbox/platform';
import { z } from 'zod';

const schema = z
  .object({
    ...serviceEnv,
    PORT: envPort().default(8_080),
    HOST: z.string().default('127.0.0.1'),
    /** How long answers go on after SIGTERM, ms. */
    SIGNALBOX_DRAIN_MS: envInteger({ min: 0, max: 5_000 }).default(500),
    /** Read if it is there, else made: the first admin's key. */
    SIGNALBOX_ADMIN_KEY_FILE: z.string().default('.signalbox/admin.key'),
    /** Opens the readers' routes without a key on the management port, for clients that cannot send headers. */
    SIGNALBOX_KEYLESS_MANAGEMENT: envBoolean().default(false),

    // The members of `config` in GET /status, with the documented defaults; `port` is PORT unless this is set.
    SIGNALBOX_PORT: envPort().optional(),
    SIGNALBOX_MANAGEMENT_PORT: envPort().default(3_001),
    SIGNALBOX_BODY_SIZE_LIMIT_BYTES: envInteger({ min: 1_024, max: 1_073_741_824 }).default(2_097_152),
    SIGNALBOX_ENABLE_METRICS: envBoolean().default(true),
    SIGNALBOX_RESERVED_CONSUMERS: z.string().max(10_000).default('primary'),
    // Of reader-heartbeat, which gets the same variables; told here by its stream.
    SIGNALBOX_HEARTBEAT_CHECK_INTERVAL: envInteger({ min: 0, max: 3_600 }).default(1),
    SIGNALBOX_READER_MESSAGE_TIMEOUT_MS: envInteger({ min: 0, max: 600_000 }).default(500),
    // Facts of the inference deployment, passed on as they are.
    SIGNALBOX_ALLOW_REMOTE_IMAGES: envBoolean().default(false),
    SIGNALBOX_ECHO: envBoolean().default(false),
    SIGNALBOX_INTERNAL_PORT: envPort().default(3_005),
    SIGNALBOX_OPENAI_PORT: envPort().default(3_003),
    SIGNALBOX_SNOWFLAKE_PORT: envPort().default(3_004),
    SIGNALBOX_VERTEX_PORT: envPort().default(3_002),
    SIGNALBOX_REPOSITORY_PATH: z.string().default('/path/to/home/artefacts'),

    // What GET /api says of this deployment.
    SIGNALBOX_APPLICATION: z.string().max(200).default('Signalbox'),
    SIGNALBOX_DESCRIPTION: z.string().max(1_000).default('Status and control plane for data and model platforms'),
    /** Of the build, date first; empty: from the build itself. */
    SIGNALBOX_VERSION: z.string().max(100).default(''),
    SIGNALBOX_PLATFORM: z.string().max(100).default('local'),
    SIGNALBOX_PLATFORM_ENGINE: z.string().max(100).default('local'),
    SIGNALBOX_PLATFORM_SIZE: z.string().max(100).default('small'),
    SIGNALBOX_JWT_TTL_SECONDS: envInteger({ min: 0, max: 31_536_000 }).default(3_600),

    /** The dataplane of GET /api/status and PUT /api/admin/restart. */
    SIGNALBOX_PRIMARY_DATAPLANE: dataplaneName.default('main'),
    /** A dataplane whose last report is older is UNHEALTHY, ms. */
    SIGNALBOX_DATAPLANE_TIMEOUT_MS: envInteger({ min: 1_000, max: 3_600_000 }).default(3 * REPORT_INTERVAL_MS),
    /** How long running operations may go on when a dataplane is restarted, s. */
    SIGNALBOX_RESTART_DRAIN_SECONDS: envInteger({ min: 0, max: MAX_DRAIN_SECONDS }).default(10),
  })
  .transform(({ SIGNALBOX_PORT, ...config }) => ({ ...config, PORT: SIGNALBOX_PORT ?? config.PORT }));

export type Config = z.output<typeof schema>;

export const readConfig = (): Config => loadConfig(schema, process.env);
