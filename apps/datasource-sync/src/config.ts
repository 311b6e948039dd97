import { loadConfig, serviceEnv } from '@signalbox/platform';
import { z } from 'zod';

export const configSchema = z.object(serviceEnv);

export type Config = z.output<typeof configSchema>;

export const readConfig = (): Config => loadConfig(configSchema, process.env);
