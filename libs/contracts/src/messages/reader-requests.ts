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
  /** What the reader sent last of its configuration; null: nothing, or too much to be kept. */
  config: z.record(z.string(), z.unknown()).nullable(),
});
export type ShowReaderReply = z.infer<typeof showReaderReply>;

/** The routing key of requests to the present owner of a partition on `signalbox.calls`. */
export const partitionKey = (partition: number): string => `readers.${partition}`;
