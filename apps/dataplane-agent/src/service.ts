import { fileURLToPath } from 'node:url';
import type { ServiceOptions } from '@signalbox/platform';
import { readConfig, type Config } from './config.js';
import { MAX_DRAIN_MS, STOP_AFTER_DRAIN_MS } from './lifecycle/stop-bounds.js';
import { startAgent } from './start-agent.js';

export const service: ServiceOptions<Config> = {
  name: 'dataplane-agent',
  config: readConfig,
  start: (context) => startAgent(context, fileURLToPath(import.meta.url)),
  stopDeadlineMs: MAX_DRAIN_MS + STOP_AFTER_DRAIN_MS,
};
