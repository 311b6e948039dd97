import { z } from 'zod';

const port = z.int().min(0).max(65_535);
const declared = 'Declared by the operator of the inference deployment and passed on; nothing in Signalbox acts on it.';

/** `config` of `GET /status`: the configuration in force. */
export const appConfig = z.object({
  allow_remote_images: z.boolean().describe(declared),
  body_size_limit_bytes: z.int().min(0).describe('Bytes; the largest request body the gateway takes.'),
  echo: z.boolean().describe(declared),
  enable_metrics: z.boolean().describe('Whether /metrics is served on the management port.'),
  heartbeat_check_interval: z
    .int()
    .min(0)
    .describe('Seconds; bounds how late a death may show. 0: no reader is ever called dead.'),
  internal_port: port.describe(declared),
  management_port: port.describe(
    "The gateway's management port (health, metrics, and the keyless routes when they are on).",
  ),
  openai_port: port.describe(declared),
  port: port.describe("The gateway's own port."),
  reader_message_timeout_ms: z.int().min(0).describe('Milliseconds added to the missed beats before a reader is dead.'),
  repository_path: z.string().describe(declared),
  reserved_consumers: z
    .string()
    .describe('Comma-separated groups whose requests are buffered while they have no live reader.'),
  snowflake_port: port.describe(declared),
  vertex_port: port.describe(declared),
});
export type AppConfig = z.infer<typeof appConfig>;

export const readerInfo = z.object({
  consumer_groups: z.array(z.string()),
  consumer_name: z.string(),
  device: z.string(),
  model_name: z.string(),
  model_type: z.string(),
  pids: z.array(z.int()),
});
export type ReaderInfo = z.infer<typeof readerInfo>;

const lastHeartbeat = z.object({
  heartbeat_timestamp: z.int().describe("Unix seconds at which Signalbox received the reader's last heartbeat."),
  heartbeat_wait_interval: z.int().min(0).describe('Seconds between two heartbeats, as the reader declared them.'),
});

const readerMap = z.record(z.string(), readerInfo);

/** `status` of `GET /status`; its maps are keyed by `reader_id`. */
export const readersStatus = z.object({
  dead_readers: readerMap,
  last_heartbeat: z.record(z.string(), lastHeartbeat),
  live_readers: readerMap,
  loading_readers: readerMap,
  reserved_consumers: z
    .array(z.string())
    .describe('Groups whose requests are buffered while they have no live reader.'),
});
export type ReadersStatus = z.infer<typeof readersStatus>;

/** `GET /status` (document: reader-status). */
export const readerStatus = z.object({
  config: appConfig,
  status: readersStatus.nullable().describe('null until the first snapshot of the readers has arrived.'),
});
export type ReaderStatus = z.infer<typeof readerStatus>;

/** `GET /config/{reader_id}`: the object that the reader sent. */
export const readerConfiguration = z
  .record(z.string(), z.unknown())
  .describe('What the reader sent as `config` of its heartbeats; empty where it sent none.');

/** `GET /healthz`: the status code is the answer, the body says how many readers are in each state. */
export const healthz = z.object({
  status: z.enum(['healthy', 'unhealthy']),
  readers: z.object({ loading: z.int(), live: z.int(), dead: z.int() }).nullable(),
});
export type Healthz = z.infer<typeof healthz>;
