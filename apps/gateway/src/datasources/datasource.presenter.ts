import type { DatasourceBody, DirectDatasource, EndpointDatasource } from '@signalbox/contracts/http';
import type { DatasourceEntry } from '@signalbox/contracts/streams';

/** State → the documented body (contracts/datasources.md; document: datasource). */

const DEFAULT_PORT = 5_432;

type Direct = NonNullable<DatasourceEntry['direct']>;
type Endpoint = NonNullable<DatasourceEntry['endpoint']>;

export function presentDatasource(entry: DatasourceEntry): DatasourceBody {
  const { direct, endpoint } = entry;
  if (direct !== null) return presentDirect(entry, direct);
  if (endpoint !== null) return presentEndpoint(entry, endpoint);
  throw new Error(`the datasource ${entry.id} is of no kind`);
}

function presentDirect(entry: DatasourceEntry, { host, port, database, schema }: Direct): DirectDatasource {
  const { id, status, livemode, metadata, created_at } = entry;
  const shownHost = hostOf(host, port);
  return {
    object: 'datasource',
    id,
    connection: 'direct',
    status,
    livemode,
    metadata,
    created: inSeconds(created_at),
    provider: 'postgresql',
    host: shownHost,
    database,
    schema,
    display_name: `${database} on ${shownHost}`,
  };
}

function presentEndpoint(entry: DatasourceEntry, endpoint: Endpoint): EndpointDatasource {
  const { id, status, livemode, metadata, created_at, retry_count, last_error } = entry;
  const { url, key_last4, cursor, event_lag, last_request_at, last_success_at } = endpoint;
  return {
    object: 'datasource',
    id,
    connection: 'endpoint',
    status,
    livemode,
    metadata,
    created: inSeconds(created_at),
    environment: livemode ? 'live' : 'test',
    endpoint: url,
    key_last4,
    cursor,
    ...(event_lag !== null && { event_lag }),
    retry_count,
    last_request_at: inSecondsOrNull(last_request_at),
    last_success_at: inSecondsOrNull(last_success_at),
    last_error: last_error && `${last_error.message} (${last_error.code})`,
  };
}

/** The port only where it is not that of Postgres. */
function hostOf(host: string, port: number): string {
  const shown = host.includes(':') ? `[${host}]` : host;
  return port === DEFAULT_PORT ? shown : `${shown}:${port}`;
}

/** @param at Unix ms */
export const inSeconds = (at: number): number => Math.floor(at / 1_000);

export const inSecondsOrNull = (at: number | null): number | null => (at === null ? null : inSeconds(at));
