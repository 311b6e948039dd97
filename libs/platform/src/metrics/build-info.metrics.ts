import type { MetricDefinition } from './metric-definition.js';

export const buildInfo = {
  name: 'signalbox_build_info',
  help: 'Always 1; the label `version` says which build runs.',
  labels: ['version'],
} as const satisfies MetricDefinition;
