import type { AskedBy } from '../dataplane/asked-by.js';
import type { DataplaneReport } from '../dataplane/dataplane-report.js';
import type { RunCommand, ShutdownCommand } from '../messages/dataplane-commands.js';
import type { ShowReaderReply } from '../messages/reader-requests.js';
import type { DatasourceEntry } from '../datasource/datasource-state.js';
import type { OperationEntry, RestartEntry } from '../streams/dataplane-stream.js';

/** Values that several examples share. */
export const by: AskedBy = {
  key_id: 'key_5f0e1d',
  name: 'deployments',
  via: 'key',
  token_id: null,
  role: 'manager',
  account: 'default',
  request_id: 'req_8d7c6b',
  address: '127.0.0.1',
};
export const bootId = '7f0c9a52-3d1e-4b6f-9a8c-2e5d7b1f0a34';

export const report: DataplaneReport = {
  dataplane: 'main',
  boot_id: bootId,
  seq: 17,
  state: 'running',
  engine: 'local',
  pid: 4_711,
  started_at: 1_795_262_400_000,
  status: {
    build_date: '2026-03-28',
    implementation_version: '2.8.1',
    git_hash: '60de4a5',
    spark_version: '3.5.1',
    driver_free_memory_mb: 4_096,
    max_executors: 8,
    max_memory_per_executor_mb: 8_192,
    cores_per_executor: 4,
    max_dataframe_size_mb: 2_048,
    thread_pool_parallelism: 16,
  },
  thread_pool: { running: ['op-48291', 'op-48305'], queued: 3, channels: 8 },
  private_routes: { 'healthcare-db.internal:5432': 'OK', 'hr-db.internal:3306': 'refused' },
};

export const shutdown: ShutdownCommand = {
  restart_id: 'restart-5f2c0a9b8d7e6f5a4b3c2d1e',
  dataplane: 'main',
  boot_id: bootId,
  drain_seconds: 10,
  requested_at: 1_795_262_400_000,
  expires_at: 1_795_262_530_000,
  reason: null,
  by,
};

export const run: RunCommand = {
  operation_id: 'op-k3v9x0a1b2',
  dataplane: 'main',
  request: { kind: 'hash-tree', path: 'data' },
  requested_at: 1_795_262_400_000,
  by,
};

export const restart: RestartEntry = {
  id: shutdown.restart_id,
  dataplane: 'main',
  boot_id: bootId,
  new_boot_id: null,
  state: 'requested',
  reason: null,
  drain_seconds: 10,
  requested_by: by,
  deadline: 1_795_262_530_000,
  timeline: [{ state: 'requested', at: 1_795_262_400_000 }],
};

export const operation: OperationEntry = {
  id: run.operation_id,
  dataplane: run.dataplane,
  request: run.request,
  state: 'cancelled',
  requested_by: by,
  result: null,
  error: null,
  timeline: [
    { state: 'queued', at: 1_795_262_400_000 },
    { state: 'cancelled', at: 1_795_262_410_000 },
  ],
};

export const shownReader: ShowReaderReply = {
  state: 'live',
  since: 1_795_218_553_000,
  boot_id: bootId,
  seq: 42,
  silent_ms: 3_000,
  is_silence_counted: true,
  ends_at: 1_795_219_003_500,
  last_heartbeats: [{ received_at: 1_795_218_973_000, sent_at: 1_795_218_972_988 }],
  clock_skew_ms: -12,
  stored: {
    config: { max_batch_size: 32 },
    transitions: [
      { at: 1_795_218_553_000, from: null, to: 'live', why: 'first_heartbeat', boot_id: bootId, silent_ms: null },
    ],
  },
};

export const datasource: DatasourceEntry = {
  id: 'ds_5k2m9x7q1v8b3n6c4z0a7s2d',
  account: 'default',
  livemode: true,
  connection: 'direct',
  status: 'active',
  metadata: {},
  created_at: 1_795_262_400_000,
  version: 1,
  paused: false,
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
  retry_count: 0,
  last_error: null,
  setup: { state: 'verified', checking: false, checked_at: 1_795_262_401_000, failures: [], advisories: [] },
  sync: { state: 'streaming', since: 1_795_262_405_000, snapshot: null, next_attempt_at: null, error: null, fix: null },
  freshness: { newest_change_at: 1_795_262_460_000, unknown_because: null, drained_at: 1_795_262_461_000 },
  position: {
    slot: 'signalbox_5k2m9x7q1v8b3n6c4z0a7s2d',
    confirmed_lsn: '0/1A2B3C8',
    source_lsn: '0/1A2B3C8',
    lag_bytes: 0,
    lag_seconds: 0,
    retained_wal_bytes: 16_777_216,
    wal_limit_bytes: 5_368_709_120,
    measured_at: 1_795_262_461_000,
  },
  stuck: null,
};
