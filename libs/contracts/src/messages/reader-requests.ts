import { z } from 'zod';

/** What the owner of a partition of readers can be asked for, with the routing key {@link partitionKey}. */
export const readerRequestTypes = { forget: 'reader-heartbeat.forget', show: 'reader-heartbeat.show' } as const;

/** Stop showing a dead reader. A reader that was forgotten on request is forgotten again without an effect. */
export const forgetReaderRequest = z.object({ reader_id: z.string() });
export type ForgetReaderRequest = z.infer<typeof forgetReaderRequest>;

/** `seq`: where the stream shows it; null where nothing was changed. */
export const forgetReaderReply = z.object({ seq: z.int().nullable() });
export type ForgetReaderReply = z.infer<typeof forgetReaderReply>;

/** Why the owner refuses to forget a reader: the code of its answer. To show one it refuses as unknown, or for want of the database. */
export type ForgetReaderRefusal = 'unknown_reader' | 'reader_not_dead' | 'storage_unavailable';

/**
 * Show one reader with what no stream has. Its id is not called `reader_id`: the previous release takes any request that has one for a
 * request to forget.
 */
export const showReaderRequest = z.object({ id: z.string() });
export type ShowReaderRequest = z.infer<typeof showReaderRequest>;

/** Why a reader went from one state to another. */
export const transitionReason = z.enum([
  'first_heartbeat',
  'state_reported',
  'missed_heartbeats',
  'heartbeat_after_silence',
  'next_incarnation',
  'deregistered',
  'heartbeat_after_deregistration',
  'forgotten',
  'forgotten_on_request',
]);
export type TransitionReason = z.infer<typeof transitionReason>;

/** The most steps of its history that are shown of a reader. */
export const TRANSITIONS_SHOWN = 100;

const transitionState = z.enum(['loading', 'live', 'dead', 'deregistered']).nullable();

export const readerTransition = z.object({
  /** Unix ms. */
  at: z.int(),
  /** Null: the reader was not known. */
  from: transitionState,
  /** Null: the reader was forgotten. */
  to: transitionState,
  why: transitionReason,
  /** Of the incarnation that it is in afterwards. */
  boot_id: z.string().nullable(),
  /** Since the heartbeat before, ms; null: there was none. */
  silent_ms: z.int().nullable(),
});
export type ReaderTransition = z.infer<typeof readerTransition>;

/** Times are Unix ms of our clock, unless they say otherwise. */
export const showReaderReply = z.object({
  state: z.enum(['loading', 'live', 'dead']),
  since: z.int(),
  boot_id: z.string().nullable(),
  seq: z.int().nullable(),
  /** Since the last heartbeat, ms. */
  silent_ms: z.int().min(0),
  /** False: no heartbeat can get through at present, and silence does not count. */
  is_silence_counted: z.boolean(),
  /** When a loading or live reader is dead, or a dead one is forgotten, if no heartbeat comes; null: never. */
  ends_at: z.int().nullable(),
  /** The newest first, of the present incarnation since the present process owns the reader. */
  last_heartbeats: z.array(
    z.object({
      received_at: z.int(),
      /** By the clock of the sender; null: it did not say. */
      sent_at: z.int().nullable(),
    }),
  ),
  /** By how many ms the clock of the sender is ahead of ours, by the median of those; null: it does not say. */
  clock_skew_ms: z.int().nullable(),
  /** What is in the database; null: it is unavailable. */
  stored: z
    .object({
      /** What the reader sent last of its configuration; null: nothing, or too much to be kept. */
      config: z.record(z.string(), z.unknown()).nullable(),
      /** The newest first. */
      transitions: z.array(readerTransition).max(TRANSITIONS_SHOWN),
    })
    .nullable(),
});
export type ShowReaderReply = z.infer<typeof showReaderReply>;

/** The routing key of requests to the present owner of a partition on `signalbox.calls`. */
export const partitionKey = (partition: number): string => `readers.${partition}`;
