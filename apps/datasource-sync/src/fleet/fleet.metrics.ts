import type { MetricDefinition } from '@signalbox/platform';

export const workers = {
  name: 'signalbox_datasource_workers',
  help: 'Processes that read datasources, by the kind of their datasources.',
  labels: ['connection'],
} as const satisfies MetricDefinition;

export const workerDeaths = {
  name: 'signalbox_datasource_worker_deaths_total',
  help: 'Workers that ended by themselves: `crashed`, `hung`, `out_of_memory`, `not_started`, `misbehaved`.',
  labels: ['reason'],
} as const satisfies MetricDefinition;
