import { z } from 'zod';

/** What the documented maps show of a reader, and nothing else does: dead, loading or live. */
export const readerState = z.enum(['loading', 'live', 'dead']);
export type ReaderState = z.infer<typeof readerState>;

/** The value under `reader/<reader_id>` in a `readers.<partition>` stream. */
export const readerEntry = z.object({
  reader_id: z.string(),
  state: readerState,
  consumer_name: z.string(),
  consumer_groups: z.array(z.string()),
  model_name: z.string(),
  model_type: z.string(),
  device: z.string(),
  pids: z.array(z.int()),
  /** Seconds. */
  heartbeat_wait_interval: z.int(),
  /** Unix ms of our receive time when this entry was made; later beats come in the compact messages. */
  received_at: z.int(),
  /** Unix ms since when the reader is in its state. */
  since: z.int(),
  boot_id: z.string().nullable(),
});
export type ReaderEntry = z.infer<typeof readerEntry>;

/** The value under `settings`: how reader-heartbeat judges, so that others can say it. */
export const readersSettings = z.object({
  /** Seconds; 0 means that nothing is ever called dead. */
  heartbeat_check_interval: z.int().min(0),
  reader_message_timeout_ms: z.int().min(0),
  missed_beats: z.int().min(1),
});
export type ReadersSettings = z.infer<typeof readersSettings>;

const READER = 'reader/';

export const readerKey = (id: string): string => `${READER}${id}`;

/** The reader a stream key speaks of; undefined for other keys. */
export const readerOfKey = (key: string): string | undefined =>
  key.startsWith(READER) ? key.slice(READER.length) : undefined;

export const SETTINGS_KEY = 'settings';
