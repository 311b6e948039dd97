import type { DatasourceEntry } from '@signalbox/contracts/streams';
import type { DatasourceRow, DirectSettings, EndpointSettings } from './datasource.row.js';
import { NOTHING_KNOWN, shownSync } from './shown-sync.rules.js';

/** A row as the stream shows it. */
export function entryOf(row: DatasourceRow): DatasourceEntry {
  const { freshness, position, stuck } = row.follower ?? NOTHING_KNOWN;
  return {
    id: row.id,
    account: row.account,
    livemode: row.mode === 'live',
    connection: row.connection,
    status: row.status,
    metadata: row.metadata,
    created_at: row.created_at.getTime(),
    version: row.version,
    paused: row.paused_at !== null,
    direct: row.connection === 'direct' ? directOf(row.settings as DirectSettings) : null,
    endpoint: row.connection === 'endpoint' ? endpointOf(row, row.settings as EndpointSettings) : null,
    retry_count: row.retry_count,
    last_error: row.last_error,
    setup: { ...row.findings, checking: row.checking, checked_at: row.checked_at?.getTime() ?? null },
    sync: shownSync(row),
    freshness,
    position,
    stuck: row.status === 'active' && row.paused_at === null ? stuck : null,
  };
}

function directOf(settings: DirectSettings): DatasourceEntry['direct'] {
  const { caCertificate: _, ...shown } = settings;
  return shown;
}

const endpointOf = (
  { progress }: Pick<DatasourceRow, 'progress'>,
  settings: EndpointSettings,
): DatasourceEntry['endpoint'] => ({
  ...settings,
  cursor: progress?.cursor ?? null,
  event_lag: progress?.event_lag ?? null,
  last_request_at: progress?.last_request_at ?? null,
  last_success_at: progress?.last_success_at ?? null,
});
