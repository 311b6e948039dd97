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
  SIGNALBOX_CONFIG_FILE: z.string().optional().meta({
    description: 'The file of the projects, connections and packages that the first start loads.',
    default_text: '`signalbox.config.json` or `publisher.config.json` in the working directory, if there is one',
  }),
  SIGNALBOX_INITIALIZE: envBoolean()
    .default(false)
    .describe('Delete all stored projects at the start and load the configuration file again.'),
  SIGNALBOX_REGISTRY_DATA: z
    .string()
    .default('.signalbox/registry')
    .describe('The folder that holds the directories of projects.'),
  SIGNALBOX_PACKAGE_ROOTS: z.string().default('').meta({
    description: 'Folders, separated by colons. Packages are loaded only from folders below these, or from git.',
    default_text: 'the folder of the configuration file',
  }),
  SIGNALBOX_QUOTAS: envQuotas(),
  SIGNALBOX_REPOSITORY_MAX_BYTES: envInteger({ min: 1_024, max: 2_147_483_648 })
    .default(104_857_600)
    .describe(
      'Bytes that are fetched of a git repository at most. Unpacked it may have eight times as many. The process that reads it may use six times as much memory, and 256 MiB.',
    ),
  SIGNALBOX_ALLOW_LOOPBACK_TARGETS: envBoolean()
    .default(false)
    .describe('Connections and repositories may be on this machine (127.0.0.0/8, ::1).'),
  SIGNALBOX_ALLOW_PRIVATE_TARGETS: envBoolean()
    .default(false)
    .describe('Connections and repositories may be in private networks. Link-local addresses are always refused.'),
  SIGNALBOX_TARGET_PORTS: envPorts().meta({
    description: 'The only ports that connections and repositories may have.',
    default_text: 'every port',
  }),
  SIGNALBOX_DRAIN_MS: envInteger({ min: 0, max: 5_000 })
    .default(500)
    .describe('Milliseconds for which a stopping registry still answers reads and refuses writes.'),
});

export type Config = z.output<typeof configSchema>;

/** @throws ConfigError that lists every problem */
export const readConfig = (env: Environment = process.env): Config => loadConfig(configSchema, env);

/** Fills `${NAME}` in the configuration file. */
export const environmentVariable = (name: string): string | undefined => process.env[name];
