import { z } from 'zod';
import { exchanges } from './exchanges.js';
import { readerId } from './heartbeat.js';
import type { TopologyContract } from './topology.js';

/** The `type` of each command to a reader, through `signalbox.reader-commands` with the id of the reader as key. */
export const readerCommandTypes = { stop: 'reader.stop' } as const;

/** The queue that a reader declares, binds and consumes if it can be controlled. */
export const readerControlQueue = (id: string): string => `reader.${id}.control`;

const WEEK_MS = 7 * 24 * 60 * 60 * 1_000;

/** Of this queue. A reader that is gone for good, whose id may have been random, leaves none behind. */
export const readerControlArguments = { 'x-expires': WEEK_MS } as const;

/**
 * Stop gracefully, and deregister. It waits in the queue of the reader: an incarnation with another `boot_id` acknowledges it and does not
 * execute it, so that a stop of before does not end the next one.
 */
export const readerStop = z.object({
  reader_id: readerId,
  /** Of the incarnation that is to stop; null: its heartbeats have none. */
  boot_id: z.string().nullable(),
  /** Unix ms. */
  requested_at: z.int().min(0),
});
export type ReaderStop = z.infer<typeof readerStop>;

/** What a process declares that sends commands to readers. Readers declare their queues. */
export const readerCommandsTopology = (): TopologyContract => ({
  exchanges: [exchanges.readerCommands],
  queues: [],
  bindings: [],
});
