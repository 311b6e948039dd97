import { z } from 'zod';
import { readerTransition, TRANSITIONS_SHOWN } from '../messages/reader-requests.js';
import { readerState } from '../streams/readers-stream.js';

/** `GET /v1/readers/{id}`. Nothing of it is for admins only: process ids and the configuration are shown elsewhere. */
export const readerDetails = z.object({
  reader_id: z.string(),
  state: readerState,
  since: z.int().describe('Unix ms since when it is in its state.'),
  reason: z.string().describe('Why it is in its state, in a sentence with what was seen.'),
  flapping_since: z.int().nullable().describe('Unix ms since when its state changes too often; null: it does not.'),
  consumer_name: z.string(),
  consumer_groups: z.array(z.string()),
  model_name: z.string(),
  model_type: z.string(),
  device: z.string(),
  backend: z.string().nullable().describe('What runs the model; null: the reader does not say.'),
  boot_id: z.string().nullable().describe('Names the present incarnation; null: its heartbeats have none.'),
  seq: z.int().nullable().describe('Of the last heartbeat; null: it has none, or it is not known here.'),
  last_heartbeat_at: z.int().describe('Unix ms at which the last heartbeat was received.'),
  silent_ms: z.int().min(0).describe('Milliseconds since the last heartbeat.'),
  heartbeat_wait_interval: z.int().describe('Seconds between two heartbeats, as the reader declares them.'),
  missed_beats: z.int().nullable().describe('After so many missed heartbeats it is dead; null: not known here.'),
  reader_message_timeout_ms: z
    .int()
    .nullable()
    .describe('Milliseconds that are added to the missed heartbeats; null: not known here.'),
  ends_at: z
    .int()
    .nullable()
    .describe(
      'Unix ms at which a loading or live reader is dead, or a dead one is forgotten, if no heartbeat comes; null: never, or not known here, or no heartbeat can get through at present.',
    ),
  clock_skew_ms: z
    .int()
    .nullable()
    .describe(
      'Milliseconds by which the clock of the reader is ahead of that of Signalbox: `sent_at` minus the receive time, the median of the last heartbeats. ' +
        'Nothing is decided by it. Null: not known.',
    ),
  last_heartbeats: z
    .array(
      z.object({
        received_at: z.int().describe('Unix ms.'),
        sent_at: z.int().nullable().describe('Unix ms by the clock of the reader; null: it does not say.'),
      }),
    )
    .nullable()
    .describe('The last five at most, the newest first; null: not known here.'),
  transitions: z
    .array(readerTransition)
    .max(TRANSITIONS_SHOWN)
    .nullable()
    .describe(
      'How its state changed, the newest first, 100 at most: `at` in Unix ms, `silent_ms` in milliseconds since the heartbeat before. Null: not known here.',
    ),
  note: z.string().nullable().describe('What is missing here, and why; null: nothing.'),
});
export type ReaderDetails = z.infer<typeof readerDetails>;
