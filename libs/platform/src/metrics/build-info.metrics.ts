import type { MetricDefinition } from './metric-definition.js';

export const buildInfo = {
  name: 'signalbox_build_info',
  help: 'Always 1; the labels `release` and `version` say which build runs, as `/livez?verbose` and the log line `ready` do.',
  labels: ['release', 'version'],
} as const satisfies MetricDefinition;
