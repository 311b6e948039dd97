import { describe, expect, it } from 'vitest';
import type { DataplaneReport } from '@signalbox/contracts/messages';
import type { DataplaneRecord } from '../dataplanes/dataplane.view.js';
import { presentPlatformStatus, threadPoolState } from './platform.presenter.js';

const report: DataplaneReport = {
  dataplane: 'main',
  boot_id: 'a',
  seq: 1,
  state: 'running',
  engine: 'spark',
  pid: 1,
  started_at: 0,
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
  private_routes: { 'healthcare-db.internal:5432': 'OK', 'hr-db.internal:3306': 'OK' },
};
const record = (changes: Partial<DataplaneRecord> = {}): DataplaneRecord => ({
  name: 'main',
  bootId: 'a',
  entry: undefined,
  report,
  ageMs: 10,
  isHealthy: true,
  ...changes,
});
const well = { database: 'OK', broker: 'OK' } as const;

describe('GET /api/status', () => {
  it('has the body of the documented example', () => {
    expect(presentPlatformStatus(well, record())).toEqual({
      database_connection: 'OK',
      rabbitmq_connection: 'OK',
      dataplane_healthcheck: {
        ...report.status,
        thread_pool_state:
          '2 running operations [op-48291, op-48305] with 3 queued requests and 8 provisioned channels',
      },
      private_routes: { 'healthcare-db.internal:5432': 'OK', 'hr-db.internal:3306': 'OK' },
    });
  });

  it('shows a silent dataplane as UNHEALTHY and its routes as unknown', () => {
    expect(presentPlatformStatus({ database: 'UNHEALTHY', broker: 'OK' }, record({ isHealthy: false }))).toEqual({
      database_connection: 'UNHEALTHY',
      rabbitmq_connection: 'OK',
      dataplane_healthcheck: 'UNHEALTHY',
      private_routes: {
        'healthcare-db.internal:5432': expect.stringContaining('UNHEALTHY') as string,
        'hr-db.internal:3306': expect.stringContaining('UNHEALTHY') as string,
      },
    });
  });

  it('has no private routes where none is configured', () => {
    const { private_routes: _, ...without } = report;
    expect(presentPlatformStatus(well, record({ report: without }))).not.toHaveProperty('private_routes');
    expect(presentPlatformStatus(well, undefined)).toEqual({
      database_connection: 'OK',
      rabbitmq_connection: 'OK',
      dataplane_healthcheck: 'UNHEALTHY',
    });
  });

  it('writes an empty pool as the document does', () => {
    expect(threadPoolState({ running: [], queued: 0, channels: 10 })).toBe(
      '0 running operations [] with 0 queued requests and 10 provisioned channels',
    );
  });
});
