import path from 'node:path';
import { ConfigError, type Clock, type Logger } from '@signalbox/platform';
import type { Config } from './config.js';
import type { Engine } from './engines/engine.js';
import { LocalEngine } from './engines/local/local-engine.js';
import { SparkEngine } from './engines/spark/spark-engine.js';

export interface EngineContext {
  readonly config: Config;
  readonly clock: Clock;
  readonly logger: Logger;
  /** After each change of `ready` or of what runs. */
  readonly onChange: () => void;
}

/** The engine that SIGNALBOX_ENGINE names. @throws ConfigError */
export function makeEngine({ config, clock, logger, onChange }: EngineContext): Engine {
  const maxFrameMb = config.SIGNALBOX_MAX_FRAME_MB;
  if (config.SIGNALBOX_ENGINE === 'local') {
    return new LocalEngine({
      threads: config.SIGNALBOX_THREADS,
      workerMemoryMb: config.SIGNALBOX_WORKER_MEMORY_MB,
      maxFrameMb,
      files: path.resolve(config.SIGNALBOX_AGENT_FILES),
      databaseUrl: () => config.SIGNALBOX_AGENT_DATABASE_URL,
      onChange,
    });
  }
  const url = config.SIGNALBOX_SPARK_URL;
  if (url === undefined) throw new ConfigError('SIGNALBOX_SPARK_URL is not set');
  return new SparkEngine({ url, intervalMs: config.SIGNALBOX_REPORT_INTERVAL_MS, maxFrameMb, clock, logger, onChange });
}
