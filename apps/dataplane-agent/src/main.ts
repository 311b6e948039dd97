import { runService } from '@signalbox/platform';
import { readConfig } from './config.js';
import { LAST_WORDS_MS, MAX_DRAIN_MS } from './control/drain-bounds.js';
import { startAgent } from './start-agent.js';

runService({
  name: 'dataplane-agent',
  config: readConfig,
  start: (context) => startAgent(context, import.meta.filename),
  stopDeadlineMs: MAX_DRAIN_MS + LAST_WORDS_MS,
});
