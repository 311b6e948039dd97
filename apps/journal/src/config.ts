import { envInteger, type Environment, loadConfig, serviceEnv } from '@signalbox/platform';
import { z } from 'zod';

export const configSchema = z.object({
  ...serviceEnv,
  SIGNALBOX_AUDIT_RETENTION_DAYS: envInteger({ min: 30, max: 3_650 })
    .default(400)
    .describe(
      'Days for which entries of the audit trail are kept. The database refuses to delete those of the last 30.',
    ),
});

export type Config = z.output<typeof configSchema>;

export const readConfig = (env: Environment = process.env): Config => loadConfig(configSchema, env);
