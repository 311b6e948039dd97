import { envQuotas } from '@signalbox/contracts/http';
import {
  envBoolean,
  envInteger,
  type Environment,
  envPorts,
  envVaultKeys,
  loadConfig,
  serviceEnv,
} from '@signalbox/platform';
import { z } from 'zod';

export const configSchema = z.object({
  ...serviceEnv,
  SIGNALBOX_SECRET_KEYS: envVaultKeys().describe(
    'Encrypts the stored credentials. The first key seals; the others open what they sealed before. Without the key that sealed them, credentials are lost.',
  ),
  SIGNALBOX_ALLOW_LOOPBACK_TARGETS: envBoolean()
    .default(false)
    .describe('Datasources may be on this machine (127.0.0.0/8, ::1).'),
  SIGNALBOX_ALLOW_PRIVATE_TARGETS: envBoolean()
    .default(false)
    .describe('Datasources may be in private networks. Link-local addresses are always refused.'),
  SIGNALBOX_QUOTAS: envQuotas(),
  SIGNALBOX_TARGET_PORTS: envPorts().meta({
    description: 'The only ports that datasources may have.',
    default_text: 'every port',
  }),
  DATASOURCE_WAL_LIMIT_BYTES: envInteger({ min: 16 * 1_024 * 1_024, max: 2 ** 50 })
    .default(5 * 1_024 ** 3)
    .describe(
      'Bytes of WAL that a database keeps for its replication slot at most. Beyond that the slot is dropped, and the datasource is blocked until it is synchronised again.',
    ),
  DATASOURCE_POLL_INTERVAL_MS: envInteger({ min: 100, max: 3_600_000 })
    .default(10_000)
    .describe('Milliseconds between two polls of an endpoint that has no more events.'),
  DATASOURCE_KEY_OVERLAP_MS: envInteger({ min: 0, max: 30 * 86_400_000 })
    .default(86_400_000)
    .describe(
      'Milliseconds for which requests are signed with the former key of an endpoint too, after its key was rotated.',
    ),
  DATASOURCE_DIRECT_PER_WORKER: envInteger({ min: 1, max: 1_000 })
    .default(8)
    .describe('Databases that one worker process reads at most.'),
  DATASOURCE_ENDPOINTS_PER_WORKER: envInteger({ min: 1, max: 10_000 })
    .default(1_000)
    .describe('Endpoints that one worker process polls at most.'),
  DATASOURCE_MAX_WORKERS: envInteger({ min: 2, max: 1_000 })
    .default(64)
    .describe('Worker processes at most. Where more are needed, each reads more datasources.'),
  DATASOURCE_WORKER_MEMORY_BYTES: envInteger({ min: 128 * 1_024 * 1_024, max: 2 ** 40 })
    .default(512 * 1_024 * 1_024)
    .describe(
      'Memory of a worker process, besides 96 MiB for the stacks of its threads. One that needs more is ended by the operating system and restarted.',
    ),
});

export type Config = z.output<typeof configSchema>;

/** @throws ConfigError that lists every problem */
export const readConfig = (env: Environment = process.env): Config => loadConfig(configSchema, env);
