import {
  appConfig,
  healthz,
  readerConfiguration,
  readerInfo,
  readersStatus,
  readerStatus,
  type ReadersStatus,
} from '../http/reader-status.js';
import { readerDetails } from '../http/reader-details.js';
import { readerTransition } from '../messages/reader-requests.js';
import {
  inferenceStatus,
  readerCounts,
  readerGroups,
  readerPage,
  readerSummary,
  type ReaderSummary,
} from '../http/readers.js';
import { answered, type Components } from './component.js';

const readers: ReadersStatus = {
  dead_readers: {},
  last_heartbeat: { 'llama/0': { heartbeat_timestamp: 1_774_688_400, heartbeat_wait_interval: 1 } },
  live_readers: {
    'llama/0': {
      consumer_groups: ['primary'],
      consumer_name: 'llama-0',
      device: 'cuda:0',
      model_name: 'llama',
      model_type: 'causal-lm',
      pids: [4_711],
    },
  },
  loading_readers: {},
  reserved_consumers: ['primary'],
};

const summary: ReaderSummary = {
  reader_id: 'llama/0',
  state: 'live',
  since: 1_774_688_100_000,
  last_heartbeat_at: 1_774_688_400_000,
  heartbeat_wait_interval: 10,
  flapping_since: null,
  consumer_groups: ['primary'],
  model_name: 'llama',
  model_type: 'causal-lm',
  device: 'cuda:0',
};
const counted = (value: string) => ({ values: [{ value, readers: 1 }], others: 0 });

/** Model readers. */
export const readerComponents: Components = {
  Reader: answered(readerInfo),
  ReaderConfiguration: answered(appConfig),
  Readers: answered(readersStatus),
  ReaderStatus: answered(readerStatus, {
    config: {
      allow_remote_images: false,
      body_size_limit_bytes: 2_097_152,
      echo: false,
      enable_metrics: true,
      heartbeat_check_interval: 1,
      internal_port: 3_005,
      management_port: 3_001,
      openai_port: 3_003,
      port: 8_080,
      reader_message_timeout_ms: 500,
      repository_path: '/path/to/home/artefacts',
      reserved_consumers: 'primary',
      snowflake_port: 3_004,
      vertex_port: 3_002,
    },
    status: readers,
  }),
  ReaderTransition: answered(readerTransition),
  ReaderDetails: answered(readerDetails, {
    reader_id: 'llama/0',
    state: 'dead',
    since: 1_774_688_434_500,
    reason: 'No heartbeat for 34 s; 3 were due, one each 10 s.',
    flapping_since: null,
    consumer_name: 'llama-0',
    consumer_groups: ['primary'],
    model_name: 'llama',
    model_type: 'causal-lm',
    device: 'cuda:0',
    backend: 'vllm',
    boot_id: '6f1c8f0e-5f0b-4a57-9a40-3b3f6a1f9f55',
    seq: 42,
    last_heartbeat_at: 1_774_688_404_000,
    silent_ms: 34_000,
    heartbeat_wait_interval: 10,
    missed_beats: 3,
    reader_message_timeout_ms: 500,
    ends_at: 1_774_692_034_500,
    clock_skew_ms: -12,
    last_heartbeats: [{ received_at: 1_774_688_404_000, sent_at: 1_774_688_403_988 }],
    transitions: [
      {
        at: 1_774_688_434_500,
        from: 'live',
        to: 'dead',
        why: 'missed_heartbeats',
        boot_id: '6f1c8f0e-5f0b-4a57-9a40-3b3f6a1f9f55',
        silent_ms: 30_500,
      },
    ],
    note: null,
  }),
  ReaderConfig: answered(readerConfiguration, { model_name: 'llama', max_batch_size: 32, tensor_parallel: 2 }),
  ReaderSummary: answered(readerSummary),
  ReaderCounts: answered(readerCounts),
  ReaderPage: answered(readerPage, {
    data: [summary],
    next_cursor: null,
    total: 1,
    counts: {
      state: { loading: 0, live: 1, dead: 0 },
      flapping: 0,
      group: counted('primary'),
      model: counted('llama'),
      type: counted('causal-lm'),
      device: counted('cuda:0'),
    },
  }),
  ReaderGroups: answered(readerGroups, {
    primary: [
      {
        reader_id: 'llama/0',
        backend: null,
        model_name: 'llama',
        model_type: 'causal-lm',
        pids: [4_711],
        ready: true,
      },
    ],
  }),
  InferenceStatus: answered(inferenceStatus, {
    dead_readers: {},
    live_readers: {
      'llama/0': {
        consumer_groups: ['primary'],
        device: 'cuda:0',
        model_name: 'llama',
        model_type: 'causal-lm',
        loras: null,
      },
    },
    ports: [],
  }),
  ReadersHealth: answered(healthz, { status: 'healthy', readers: { loading: 0, live: 1, dead: 0 } }),
};
