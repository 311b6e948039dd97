import { readerStatus, type AppConfig } from '@signalbox/contracts/http';
import { type ReaderEntry } from '@signalbox/contracts/streams';
import { describe, expect, it } from 'vitest';
import { presentReaderStatus } from './reader-status.presenter.js';

const config: AppConfig = {
  allow_remote_images: false,
  body_size_limit_bytes: 2_097_152,
  echo: false,
  enable_metrics: true,
  heartbeat_check_interval: 1,
  internal_port: 3_005,
  management_port: 3_001,
  openai_port: 3_003,
  port: 3_000,
  reader_message_timeout_ms: 500,
  repository_path: '/srv/models',
  reserved_consumers: ' primary, batch ,,',
  snowflake_port: 3_004,
  vertex_port: 3_002,
};

const entry = (over: Partial<ReaderEntry>): ReaderEntry => ({
  reader_id: 'a',
  state: 'live',
  consumer_name: 'a',
  consumer_groups: ['primary'],
  model_name: 'm',
  model_type: 'chat',
  device: 'cpu',
  pids: [1],
  heartbeat_wait_interval: 10,
  received_at: 1_795_218_553_999,
  since: 1_795_218_000_000,
  boot_id: null,
  backend: null,
  flapping_since: null,
  ...over,
});

describe('presentReaderStatus', () => {
  it('has no status before the readers are known', () => {
    expect(presentReaderStatus(config, null)).toEqual({ config, status: null });
  });

  it('puts each reader into the map of its state, and every one into last_heartbeat, in whole Unix seconds', () => {
    const records = (['loading', 'live', 'dead'] as const).map((state) => ({
      entry: entry({ reader_id: state, state }),
      receivedAt: 1_795_218_553_999,
    }));
    const body = presentReaderStatus(config, records);
    expect(readerStatus.parse(JSON.parse(JSON.stringify(body)))).toEqual(body);
    const { status } = body;
    expect(
      [status?.loading_readers, status?.live_readers, status?.dead_readers].map((map) => Object.keys(map!)),
    ).toEqual([['loading'], ['live'], ['dead']]);
    expect(status?.last_heartbeat).toEqual(
      Object.fromEntries(
        ['loading', 'live', 'dead'].map((id) => [
          id,
          { heartbeat_timestamp: 1_795_218_553, heartbeat_wait_interval: 10 },
        ]),
      ),
    );
    expect(status?.reserved_consumers).toEqual(['primary', 'batch']);
  });

  it('shows nothing of a reader beyond the documented members', () => {
    const { status } = presentReaderStatus(config, [
      { entry: entry({ boot_id: 'secret-incarnation' }), receivedAt: 0 },
    ]);
    expect(Object.keys(status!.live_readers['a']!).toSorted()).toEqual([
      'consumer_groups',
      'consumer_name',
      'device',
      'model_name',
      'model_type',
      'pids',
    ]);
  });
});
