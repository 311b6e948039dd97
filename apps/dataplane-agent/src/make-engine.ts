import path from 'node:path';
import { ConfigError, type Clock, type Logger } from '@signalbox/platform';
import type { Config } from '../config.js';
import type { Engine } from './engine.js';
import { LocalEngine } from './local/local-engine.js';
import { SparkEngine } from './spark/spark-engine.js';

export interface EngineSurroundings {
  readonly config: Config;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly onChange: () => void;
}

/** The engine that the configuration names. */
export function makeEngine({ config, clock, logger, onChange }: EngineSurroundings): Engine {
  const maxFrameMb = config.SIGNALBOX_MAX_FRAME_MB;
  if (config.SIGNALBOX_ENGINE === 'local') {
    return new LocalEngine({
      threads: config.SIGNALBOX_THREADS,
      workerMemoryMb: config.SIGNALBOX_WORKER_MEMORY_MB,
      maxFrameMb,
      files: path.resolve(config.SIGNALBOX_AGENT_FILES),
      databaseUrl: config.SIGNALBOX_AGENT_DATABASE_URL,
      onChange,
    });
  }
  const url = config.SIGNALBOX_SPARK_URL;
  if (url === undefined) throw new ConfigError('SIGNALBOX_SPARK_URL is not set');
  return new SparkEngine({ url, intervalMs: config.SIGNALBOX_REPORT_INTERVAL_MS, maxFrameMb, clock, logger, onChange });
}
