import type { DataplaneStatus, PlatformStatus } from '@signalbox/contracts/http';
import type { DataplaneReport, ThreadPool } from '@signalbox/contracts/messages';
import type { DataplaneRecord } from '../dataplanes/dataplane.view.js';
import type { ConnectionState } from '../health/connection-checks.js';

/** The body of `GET /api/status`. */
export function presentPlatformStatus(
  connections: { database: ConnectionState; broker: ConnectionState },
  primary: DataplaneRecord | undefined,
): PlatformStatus {
  const routes = primary?.report?.private_routes;
  return {
    database_connection: connections.database,
    rabbitmq_connection: connections.broker,
    dataplane_healthcheck: primary?.isHealthy && primary.report ? presentDataplane(primary.report) : 'UNHEALTHY',
    // It is not known which routes a silent dataplane reaches.
    ...(routes && {
      private_routes: primary.isHealthy
        ? routes
        : Object.fromEntries(Object.keys(routes).map((route) => [route, 'unknown: the dataplane is UNHEALTHY'])),
    }),
  };
}

const presentDataplane = ({ status, thread_pool }: DataplaneReport): DataplaneStatus => ({
  ...status,
  thread_pool_state: threadPoolState(thread_pool),
});

/** The sentence that the document shows. */
export const threadPoolState = ({ running, queued, channels }: ThreadPool): string =>
  `${running.length} running operations [${running.join(', ')}] with ${queued} queued requests and ${channels} provisioned channels`;
