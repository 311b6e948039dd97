import { z } from 'zod';
import { text } from '../text.js';
import { readerConfig } from './reader-config.js';

export { KEPT_CONFIG_BYTES } from './reader-config.js';

/** `reader_id`: 1 to 200 of `A-Z a-z 0-9 . _ : / -`. */
export const readerId = z.string().regex(/^[A-Za-z0-9._:/-]{1,200}$/, 'must be 1 to 200 of A-Z a-z 0-9 . _ : / -');

const int32 = z.int().min(-2_147_483_648).max(2_147_483_647);

/**
 * One heartbeat, as a model reader publishes it to `signalbox.heartbeats` (public API, `docs/messages.md`).
 * Members that are not named here are ignored.
 */
export const heartbeat = z.object({
  reader_id: readerId,
  /** `stopping` deregisters the reader. */
  state: z.enum(['loading', 'ready', 'stopping']),
  consumer_name: text({ max: 200 }),
  consumer_groups: z.array(text({ max: 200 })).max(100),
  model_name: text({ max: 500 }),
  model_type: text({ max: 100 }),
  device: text({ max: 100 }),
  pids: z.array(int32).max(1_000),
  /** Seconds between two heartbeats of this reader. */
  heartbeat_wait_interval: z.int().min(1).max(86_400),
  /** Names one incarnation of the reader's process; a new one replaces the present one. */
  boot_id: text({ min: 0, max: 200 }).nullish(),
  /** Grows with each heartbeat of one incarnation; what is not newer changes nothing. */
  seq: z.int().min(0).nullish(),
  /** Unix ms by the reader's own clock: shown, never trusted. */
  sent_at: z.int().min(0).nullish(),
  backend: text({ max: 100 }).nullish(),
  config: readerConfig.nullish(),
});

export type Heartbeat = z.infer<typeof heartbeat>;

/** The most heartbeats one message may carry. */
export const HEARTBEATS_PER_MESSAGE = 10_000;
