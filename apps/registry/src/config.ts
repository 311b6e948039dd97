import { envBoolean, envInteger, envVaultKeys, loadConfig, serviceEnv } from '@signalbox/platform';
import { z } from 'zod';

const schema = z.object({
  ...serviceEnv,
  /** The first key seals credentials, the others open what they sealed before. */
  SIGNALBOX_SECRET_KEYS: envVaultKeys(),
  /** Projects, connections and packages to begin with; default: `signalbox.config.json` or `publisher.config.json` here, where there is one. */
  SIGNALBOX_CONFIG_FILE: z.string().optional(),
  /** Forget what is stored and load the file anew. */
  SIGNALBOX_INITIALIZE: envBoolean().default(false),
  /** Where projects have directories of their own. */
  SIGNALBOX_REGISTRY_DATA: z.string().default('.signalbox/registry'),
  /** Below which packages may be loaded from folders, separated by colons; default: where the configuration file is. */
  SIGNALBOX_PACKAGE_ROOTS: z.string().default(''),
  /** Most that is fetched of a git repository to load a package. */
  SIGNALBOX_REPOSITORY_MAX_BYTES: envInteger({ min: 1_024, max: 2_147_483_648 }).default(104_857_600),
  /** Whether connections that somebody names may lead to this machine, or into its own network. Link-local addresses never. */
  SIGNALBOX_ALLOW_LOOPBACK_TARGETS: envBoolean().default(false),
  SIGNALBOX_ALLOW_PRIVATE_TARGETS: envBoolean().default(false),
  /** Ports that such connections may lead to, separated by commas; default: every port. */
  SIGNALBOX_TARGET_PORTS: z
    .string()
    .regex(/^(\d{1,5}(\s*,\s*\d{1,5})*)?$/, 'must be ports, separated by commas')
    .default('')
    .transform((text) =>
      text
        .split(',')
        .filter((port) => port !== '')
        .map(Number),
    ),
  /** How long reads and refusals go on after SIGTERM, ms. */
  SIGNALBOX_DRAIN_MS: envInteger({ min: 0, max: 5_000 }).default(500),
});

export type Config = z.output<typeof schema>;

/** @throws ConfigError that lists every problem */
export const readConfig = (): Config => loadConfig(schema, process.env);

/** For `${NAME}` in the configuration file. */
export const environmentVariable = (name: string): string | undefined => process.env[name];
