import { envInteger, type Environment, loadConfig, serviceEnv } from '@signalbox/platform';
import { z } from 'zod';

/** The largest number of partitions. Ways to partitions up to it are deleted where they are beyond the number in force. */
export const MOST_PARTITIONS = 64;

export const configSchema = z.object({
  ...serviceEnv,
  SIGNALBOX_HEARTBEAT_CHECK_INTERVAL: envInteger({ min: 0, max: 3_600 })
    .default(1)
    .describe(
      'Seconds. The longest delay between the end of a lease and the death shown; 0: no reader is ever declared dead.',
    ),
  SIGNALBOX_READER_MESSAGE_TIMEOUT_MS: envInteger({ min: 0, max: 600_000 })
    .default(500)
    .describe('Milliseconds that are added to the missed heartbeats before a reader is declared dead.'),
  SIGNALBOX_MISSED_BEATS: envInteger({ min: 1, max: 100 })
    .default(3)
    .describe('A reader is declared dead after this many of its heartbeat intervals without a heartbeat.'),
  SIGNALBOX_READER_RETENTION_SECONDS: envInteger({ min: 1, max: 31_536_000 })
    .default(3_600)
    .describe('Seconds for which a dead reader is shown, and for which a deregistration is remembered.'),
  SIGNALBOX_READER_HISTORY_DAYS: envInteger({ min: 1, max: 3_650 })
    .default(30)
    .describe('Days for which the changes of state of each reader are kept, also of one that is forgotten.'),
  SIGNALBOX_READER_HISTORY_ENTRIES: envInteger({ min: 1, max: 1_000 })
    .default(100)
    .describe('The most changes of state that are kept of one reader; the newest. Of all readers 5,000,000 are kept.'),
  HEARTBEAT_PARTITIONS: envInteger({ min: 1, max: MOST_PARTITIONS })
    .default(1)
    .describe(
      'How many parts the readers are divided into, each owned by one process of reader-heartbeat. The process that started last with another number changes it for all.',
    ),
  SIGNALBOX_MAX_READERS: envInteger({ min: 1, max: 10_000_000 })
    .default(100_000)
    .describe(
      'The most readers that one process knows at a time in all its partitions, dead and deregistered ones among them. Heartbeats of further ones are refused; those of a partition that it takes over it keeps.',
    ),
  SIGNALBOX_MAX_READERS_PER_KEY: envInteger({ min: 1, max: 10_000_000 })
    .default(10_000)
    .describe(
      'The same of each API key of kind `reader`: of the readers that its pattern covers. Without effect where BROKER_SENDERS is `unchecked`.',
    ),
});

export type Config = z.output<typeof configSchema>;

export const readConfig = (env: Environment = process.env): Config => loadConfig(configSchema, env);
