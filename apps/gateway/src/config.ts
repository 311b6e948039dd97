import { componentNames } from '@signalbox/component-status';
import { envQuotas } from '@signalbox/contracts/http';
import { dataplaneName, MAX_DRAIN_SECONDS, REPORT_INTERVAL_MS } from '@signalbox/contracts/messages';
import { envBoolean, envInteger, type Environment, envPort, loadConfig, serviceEnv } from '@signalbox/platform';
import { z } from 'zod';
import { accessEnv } from './settings/access.config.js';
import { brokerKeysEnv } from './settings/broker-keys.config.js';
import { connectionsEnv } from './settings/connections.config.js';
import { corsEnv } from './settings/cors.config.js';
import { keylessEnv, managementPortOf } from './settings/keyless.config.js';
import { proxiesEnv } from './settings/proxies.config.js';
import { checkSignIn, signInEnv } from './settings/sign-in.config.js';
import { checkTls, tlsEnv } from './settings/tls.config.js';

const REPORTED_ONLY =
  'A fact of the inference deployment: reported in `config` of `GET /status`, and used for nothing else.';

export const configSchema = z
  .object({
    ...serviceEnv,
    PORT: envPort().default(8_080).describe('The port of the API. `SIGNALBOX_PORT` takes precedence.'),
    HOST: z
      .string()
      .default('127.0.0.1')
      .describe('The address that the API listens on. `0.0.0.0`: every IPv4 address.'),
    SIGNALBOX_DRAIN_MS: envInteger({ min: 0, max: 5_000 })
      .default(500)
      .describe('Milliseconds for which a stopping gateway still answers, while `/readyz` is already 503.'),
    SIGNALBOX_ADMIN_KEY_FILE: z
      .string()
      .default('.signalbox/admin.key')
      .describe('The file of the first admin key. The gateway creates the key and the file where the file is missing.'),
    ...accessEnv,
    ...connectionsEnv,
    ...proxiesEnv,
    ...tlsEnv,
    ...keylessEnv,
    ...brokerKeysEnv,

    // The members of `config` in GET /status, with the documented defaults; `port` is PORT unless this is set.
    SIGNALBOX_PORT: envPort().optional().describe('Takes precedence over `PORT`.'),
    SIGNALBOX_QUOTAS: envQuotas(),
    SIGNALBOX_BODY_SIZE_LIMIT_BYTES: envInteger({ min: 1_024, max: 1_073_741_824 })
      .default(2_097_152)
      .describe('Bytes of the largest request body. A larger one is answered with 413.'),
    SIGNALBOX_ACCESS_LOG: envBoolean()
      .default(false)
      .describe('Log a line for each request at level info; without it they are logged at level debug.'),
    SIGNALBOX_ENABLE_METRICS: envBoolean().default(true).describe("Serve `/metrics` on the gateway's management port."),
    SIGNALBOX_RESERVED_CONSUMERS: z
      .string()
      .max(10_000)
      .default('primary')
      .describe('Consumer groups, separated by commas. Reported in `GET /status`, and used for nothing else.'),
    // reader-heartbeat gets the same two variables and publishes them in its stream.
    SIGNALBOX_HEARTBEAT_CHECK_INTERVAL: envInteger({ min: 0, max: 3_600 })
      .default(1)
      .describe('Set it as for reader-heartbeat: reported in `GET /status` until its stream has arrived.'),
    SIGNALBOX_READER_MESSAGE_TIMEOUT_MS: envInteger({ min: 0, max: 600_000 })
      .default(500)
      .describe('Set it as for reader-heartbeat: reported in `GET /status` until its stream has arrived.'),
    // Facts of the inference deployment. The gateway only reports them.
    SIGNALBOX_ALLOW_REMOTE_IMAGES: envBoolean().default(false).describe(REPORTED_ONLY),
    SIGNALBOX_ECHO: envBoolean().default(false).describe(REPORTED_ONLY),
    SIGNALBOX_INTERNAL_PORT: envPort().default(3_005).describe(REPORTED_ONLY),
    SIGNALBOX_OPENAI_PORT: envPort().default(3_003).describe(REPORTED_ONLY),
    SIGNALBOX_SNOWFLAKE_PORT: envPort().default(3_004).describe(REPORTED_ONLY),
    SIGNALBOX_VERTEX_PORT: envPort().default(3_002).describe(REPORTED_ONLY),
    SIGNALBOX_REPOSITORY_PATH: z.string().default('/path/to/home/artefacts').describe(REPORTED_ONLY),

    SIGNALBOX_APPLICATION: z.string().max(200).default('Signalbox').describe('`application` in `GET /api`.'),
    SIGNALBOX_DESCRIPTION: z
      .string()
      .max(1_000)
      .default('Status and control plane for data and model platforms')
      .describe('`description` in `GET /api`.'),
    SIGNALBOX_VERSION: z.string().max(100).default('').meta({
      description: '`version` in `GET /api`, with the date first.',
      default_text: 'of the build',
    }),
    SIGNALBOX_PLATFORM: z.string().max(100).default('local').describe('`platform` in `GET /api`.'),
    SIGNALBOX_PLATFORM_ENGINE: z.string().max(100).default('local').describe('`engine` in `GET /api`.'),
    SIGNALBOX_PLATFORM_SIZE: z.string().max(100).default('small').describe('`size` in `GET /api`.'),
    SIGNALBOX_JWT_TTL_SECONDS: envInteger({ min: 0, max: 31_536_000 })
      .default(3_600)
      .describe(
        'Seconds; `jwt_ttl_seconds` in `GET /api`. So long a token is valid unless its request says otherwise, but at least 60 and at most 7776000.',
      ),
    SIGNALBOX_TOKEN_ISSUER: z
      .string()
      .min(1)
      .max(200)
      .default('signalbox')
      .describe('`iss` in tokens. Set it alike for all gateways: they refuse tokens with another one.'),
    SIGNALBOX_SIGNING_KEY_HOURS: envInteger({ min: 1, max: 2_160 })
      .default(24)
      .describe(
        'Hours after which a gateway signs tokens with a new key. It verifies those that it has signed until they expire.',
      ),

    SIGNALBOX_PRIMARY_DATAPLANE: dataplaneName.default('main').meta({
      description: 'The name of the dataplane of `GET /api/status` and `PUT /api/admin/restart`.',
      values: '1 to 63 of a-z, 0-9 and hyphens',
    }),
    SIGNALBOX_DATAPLANE_TIMEOUT_MS: envInteger({ min: 1_000, max: 3_600_000 })
      .default(3 * REPORT_INTERVAL_MS)
      .describe('Milliseconds. A dataplane whose last report is older is `UNHEALTHY`.'),
    SIGNALBOX_RESTART_DRAIN_SECONDS: envInteger({ min: 0, max: MAX_DRAIN_SECONDS })
      .default(10)
      .describe('Seconds for which running operations may go on when a dataplane is restarted.'),

    CRITICAL_COMPONENTS: z
      .string()
      .default('messaging,storage')
      .transform((names) =>
        names
          .split(',')
          .map((name) => name.trim())
          .filter((name) => name !== ''),
      )
      .pipe(z.array(z.enum(componentNames)))
      .meta({
        description:
          'Components, separated by commas. Without one of them `GET /v1/status` is `critical`, and answers 503.',
        values: componentNames.join(', '),
      }),
    SIGNALBOX_ENVIRONMENT: z
      .string()
      .max(100)
      .default('production')
      .describe('`metadata.environment` in `GET /v1/status`.'),
    SIGNALBOX_DATACENTER: z.string().max(100).default('local').describe('`metadata.datacenter` in `GET /v1/status`.'),

    ...corsEnv,
    ...signInEnv,
  })
  .superRefine(checkSignIn)
  .superRefine(checkTls)
  .transform(({ SIGNALBOX_PORT, ...config }) => {
    const PORT = SIGNALBOX_PORT ?? config.PORT;
    return { ...config, PORT, SIGNALBOX_MANAGEMENT_PORT: managementPortOf({ ...config, PORT }) };
  });

export type Config = z.output<typeof configSchema>;

export const readConfig = (env: Environment = process.env): Config => loadConfig(configSchema, env);
