import { runService } from '@signalbox/platform';
import { readConfig } from './config.js';
import { MAX_DRAIN_MS, STOP_AFTER_DRAIN_MS } from './lifecycle/stop-bounds.js';
import { startAgent } from './start-agent.js';

runService({
  name: 'dataplane-agent',
  config: readConfig,
  start: (context) => startAgent(context, import.meta.filename),
  stopDeadlineMs: MAX_DRAIN_MS + STOP_AFTER_DRAIN_MS,
});
