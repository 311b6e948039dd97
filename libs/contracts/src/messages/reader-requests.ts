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

/** Times are Unix ms of our clock, unless they say otherwise. */
export const showReaderReply = z.object({
  /** What the reader sent last of its configuration; null: nothing, or too much to be kept. */
  config: z.record(z.string(), z.unknown()).nullable(),
});
export type ShowReaderReply = z.infer<typeof showReaderReply>;

/** The routing key of requests to the present owner of a partition on `signalbox.calls`. */
export const partitionKey = (partition: number): string => `readers.${partition}`;
