import { Inject, Injectable } from '@nestjs/common';
import { Database } from '@signalbox/persistence';
import { METRICS, type MetricDefinition, type Metrics } from '@signalbox/platform';

export const resources = {
  name: 'signalbox_registry_resources',
  help: 'Projects, connections and packages: `loaded`, and `failed` to load; one may be both, with its earlier content. `configuration`: the file.',
  labels: ['kind', 'state'],
} as const satisfies MetricDefinition;

const COUNT = `
  SELECT 'project' AS kind, 'loaded' AS state, count(*)::int AS count FROM project
  UNION ALL SELECT 'connection', 'loaded', count(*)::int FROM connection
  UNION ALL SELECT 'package', 'loaded', count(*)::int FROM package WHERE is_loaded
  UNION ALL SELECT 'configuration', 'failed', count(*)::int FROM load_error WHERE project IS NULL
  UNION ALL SELECT 'project', 'failed', count(*)::int FROM load_error
    WHERE project IS NOT NULL AND package IS NULL AND connection IS NULL
  UNION ALL SELECT 'connection', 'failed', count(*)::int FROM load_error WHERE connection IS NOT NULL
  UNION ALL SELECT 'package', 'failed', count(*)::int FROM load_error WHERE package IS NOT NULL`;

@Injectable()
export class TreeMetrics {
  constructor(@Inject(METRICS) metrics: Metrics, database: Database) {
    metrics.gauge(resources, () =>
      database.ifUp(async (manager) => {
        const rows = await manager.query<{ kind: string; state: string; count: number }[]>(COUNT);
        return rows.map(({ kind, state, count }) => ({ labels: { kind, state }, value: count }));
      }),
    );
  }
}
