import type { DataplaneReport } from '../dataplane/dataplane-report.js';
import type { RunCommand, ShutdownCommand } from '../messages/dataplane-commands.js';
import type { RestartEntry } from '../streams/dataplane-stream.js';

/** Values that several examples share. */
export const by = { key_id: 'key_5f0e1d', request_id: 'req_8d7c6b', address: '127.0.0.1' };
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
