import { loadConfig, serviceEnv } from '@signalbox/platform';
import { z } from 'zod';

const schema = z.object(serviceEnv);

export type Config = z.output<typeof schema>;

export const readConfig = (): Config => loadConfig(schema, process.env);
