import type { DatasourceEntry } from '@signalbox/contracts/streams';

const created = 1_795_262_400_000;

const common = {
  account: 'operators',
  livemode: true,
  status: 'active',
  metadata: {},
  created_at: created,
  version: 1,
  paused: false,
  retry_count: 0,
  last_error: null,
  setup: { state: 'verified', checking: false, checked_at: created + 1_000, failures: [], advisories: [] },
  freshness: { newest_change_at: created + 60_000, unknown_because: null, drained_at: created + 61_000 },
  stuck: null,
} as const satisfies Partial<DatasourceEntry>;

const sync = { since: created + 5_000, snapshot: null, next_attempt_at: null, error: null, fix: null };

/** A database that is followed. */
export const directEntry = (over: Partial<DatasourceEntry> = {}): DatasourceEntry => ({
  ...common,
  id: 'ds_5k2m9x7q1v8b3n6c4z0a7s2d',
  connection: 'direct',
  direct: {
    host: 'db.example.com',
    port: 5_432,
    database: 'shop',
    schema: 'public',
    user: 'replicator',
    tls: 'verify-full',
    publication: 'signalbox_publication',
    slot: 'signalbox_5k2m9x7q1v8b3n6c4z0a7s2d',
  },
  endpoint: null,
  sync: { ...sync, state: 'streaming' },
  position: {
    slot: 'signalbox_5k2m9x7q1v8b3n6c4z0a7s2d',
    confirmed_lsn: '0/1A2B3C8',
    source_lsn: '0/1A2B3C8',
    lag_bytes: 0,
    lag_seconds: 0,
    retained_wal_bytes: 16_777_216,
    wal_limit_bytes: 5_368_709_120,
    measured_at: created + 61_000,
  },
  ...over,
});

/** An endpoint that is polled. */
export const endpointEntry = (over: Partial<DatasourceEntry> = {}): DatasourceEntry => ({
  ...common,
  id: 'dse_9x7q1v8b3n6c4z0a7s2d5k2m',
  connection: 'endpoint',
  direct: null,
  endpoint: {
    url: 'https://shop.example.com/api/ablo/source',
    key_last4: 'k3y4',
    former_key_until: null,
    cursor: '42',
    event_lag: 0,
    last_request_at: created + 60_500,
    last_success_at: created + 60_500,
  },
  sync: { ...sync, state: 'polling' },
  position: null,
  ...over,
});
