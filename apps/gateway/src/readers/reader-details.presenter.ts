import type { ReaderDetails } from '@signalbox/contracts/http';
import type { ShowReaderReply } from '@signalbox/contracts/messages';
import type { ReadersSettings } from '@signalbox/contracts/streams';
import { reasonOf } from './reader-reason.rules.js';
import type { ReaderRecord } from './readers.view.js';

const NO_ANSWER =
  'reader-heartbeat does not answer. This is what this gateway received of it before; history, last heartbeats, clock skew and seq are missing.';
const NO_DATABASE = 'The database of reader-heartbeat is unavailable: the history is missing.';

export interface KnownOfReader {
  /** What the stream has. */
  readonly record: ReaderRecord;
  readonly settings: ReadersSettings | undefined;
  /** What only reader-heartbeat has; undefined: it does not answer. */
  readonly shown: ShowReaderReply | undefined;
  /** Unix ms. */
  readonly now: number;
}

/** The body of `GET /v1/readers/{id}`. */
export function presentReaderDetails({
  record: { entry, receivedAt },
  settings,
  shown,
  now,
}: KnownOfReader): ReaderDetails {
  const { reader_id, consumer_name, consumer_groups, model_name, model_type, device, backend, flapping_since } = entry;
  const silent_ms = shown?.silent_ms ?? Math.max(0, now - receivedAt);
  const state = shown?.state ?? entry.state;
  return {
    reader_id,
    state,
    since: shown?.since ?? entry.since,
    reason: reasonOf({
      state,
      silentMs: silent_ms,
      interval: entry.heartbeat_wait_interval,
      settings,
      flappingSince: flapping_since,
      judgement: shown === undefined ? 'unknown' : shown.is_silence_counted ? 'running' : 'held',
    }),
    flapping_since,
    consumer_name,
    consumer_groups,
    model_name,
    model_type,
    device,
    backend,
    boot_id: shown === undefined ? entry.boot_id : shown.boot_id,
    seq: shown?.seq ?? null,
    last_heartbeat_at: Math.max(receivedAt, shown?.last_heartbeats[0]?.received_at ?? 0),
    silent_ms,
    heartbeat_wait_interval: entry.heartbeat_wait_interval,
    missed_beats: settings?.missed_beats ?? null,
    reader_message_timeout_ms: settings?.reader_message_timeout_ms ?? null,
    ends_at: shown?.ends_at ?? null,
    clock_skew_ms: shown?.clock_skew_ms ?? null,
    last_heartbeats: shown?.last_heartbeats ?? null,
    transitions: shown?.stored?.transitions ?? null,
    note: shown === undefined ? NO_ANSWER : shown.stored === null ? NO_DATABASE : null,
  };
}
