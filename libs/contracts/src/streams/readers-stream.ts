import { z } from 'zod';
import { messageTypes } from '../message-types.js';
import { defineStream, entries, single } from './stream-definition.js';
import { streamBeats } from './state-stream.js';

/** The states of the documented maps: a reader stands in exactly one of them. */
export const readerState = z.enum(['loading', 'live', 'dead']);
export type ReaderState = z.infer<typeof readerState>;

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
  /** Unix ms since when its state changes too often; null: it does not. Left out by the previous release. */
  flapping_since: z.int().nullable().default(null),
  /** What runs the model; null: the reader does not say. Left out by the previous release. */
  backend: z.string().nullable().default(null),
});
export type ReaderEntry = z.infer<typeof readerEntry>;

/** How reader-heartbeat judges readers, published so that the gateway can show it. */
export const readersSettings = z.object({
  /** Seconds; 0: no reader is ever declared dead. */
  heartbeat_check_interval: z.int().min(0),
  reader_message_timeout_ms: z.int().min(0),
  missed_beats: z.int().min(1),
  /** How many partitions have a stream, retired ones with readers among them; 1: left out by the previous release. */
  partitions: z.int().min(1).default(1),
});
export type ReadersSettings = z.infer<typeof readersSettings>;

export const readersEntries = {
  reader: entries('reader', readerEntry),
  settings: single('settings', readersSettings),
};

/** The readers whose heartbeats arrive in one partition. */
export const readersStream = (partition: number) =>
  defineStream({
    name: `readers.${partition}`,
    entries: readersEntries,
    beside: { beats: { type: messageTypes.beats, schema: streamBeats } },
  });
export type ReadersStream = ReturnType<typeof readersStream>;
