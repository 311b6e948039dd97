import { Inject, Injectable } from '@nestjs/common';
import { datasourceConnection, datasourceStatus } from '@signalbox/contracts/streams';
import { Database } from '@signalbox/persistence';
import { METRICS, type MetricDefinition, type Metrics } from '@signalbox/platform';

export const datasources = {
  name: 'signalbox_datasources',
  help: 'Registered datasources, by kind of connection and status.',
  labels: ['connection', 'status'],
} as const satisfies MetricDefinition;

interface Count {
  readonly connection: string;
  readonly status: string;
  readonly count: number;
}

@Injectable()
export class DatasourcesMetrics {
  constructor(@Inject(METRICS) metrics: Metrics, database: Database) {
    metrics.gauge(datasources, () =>
      database.ifUp(async (manager) => {
        const rows = await manager.query<Count[]>(
          'SELECT connection, status, count(*)::int AS count FROM datasource WHERE NOT is_deleting GROUP BY 1, 2',
        );
        return datasourceConnection.options.flatMap((connection) =>
          datasourceStatus.options.map((status) => ({
            labels: { connection, status },
            value: rows.find((row) => row.connection === connection && row.status === status)?.count ?? 0,
          })),
        );
      }),
    );
  }
}
