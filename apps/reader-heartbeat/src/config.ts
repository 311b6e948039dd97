import { envInteger, loadConfig, serviceEnv } from '@signalbox/platform';
import { z } from 'zod';

const schema = z.object({
  ...serviceEnv,
  /** Seconds; 0: no reader is ever called dead. */
  SIGNALBOX_HEARTBEAT_CHECK_INTERVAL: envInteger({ min: 0, max: 3_600 }).default(1),
  /** Milliseconds on top of the missed beats before a reader is dead. */
  SIGNALBOX_READER_MESSAGE_TIMEOUT_MS: envInteger({ min: 0, max: 600_000 }).default(500),
  SIGNALBOX_MISSED_BEATS: envInteger({ min: 1, max: 100 }).default(3),
  /** How long a dead reader is shown, and a goodbye remembered. */
  SIGNALBOX_READER_RETENTION_SECONDS: envInteger({ min: 1, max: 31_536_000 }).default(3_600),
});

export type Config = z.output<typeof schema>;

export const readConfig = (): Config => loadConfig(schema, process.env);
