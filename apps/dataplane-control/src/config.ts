import { type Environment, loadConfig, serviceEnv } from '@signalbox/platform';
import { z } from 'zod';

export const configSchema = z.object(serviceEnv);

export type Config = z.output<typeof configSchema>;

export const readConfig = (env: Environment = process.env): Config => loadConfig(configSchema, env);
