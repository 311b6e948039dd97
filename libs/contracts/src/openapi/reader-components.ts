import {
  appConfig,
  healthz,
  readerInfo,
  readersStatus,
  readerStatus,
  type ReadersStatus,
} from '../http/reader-status.js';
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
