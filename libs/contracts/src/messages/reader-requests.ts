import { z } from 'zod';

/** What the owner of a partition of readers can be asked for, with the routing key {@link partitionKey}. */
export const readerRequestTypes = { forget: 'reader-heartbeat.forget' } as const;

/** Stop showing a dead reader. A reader that was forgotten on request is forgotten again without an effect. */
export const forgetReaderRequest = z.object({ reader_id: z.string() });
export type ForgetReaderRequest = z.infer<typeof forgetReaderRequest>;

/** `seq`: where the stream shows it; null where nothing was changed. */
export const forgetReaderReply = z.object({ seq: z.int().nullable() });
export type ForgetReaderReply = z.infer<typeof forgetReaderReply>;

/** Why the owner refuses: the code of its answer. */
export type ForgetReaderRefusal = 'unknown_reader' | 'reader_not_dead' | 'storage_unavailable';

/** The routing key of requests to the present owner of a partition on `signalbox.calls`. */
export const partitionKey = (partition: number): string => `readers.${partition}`;
