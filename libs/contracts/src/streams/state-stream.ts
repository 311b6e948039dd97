import { z } from 'zod';
import type { JsonValue } from '../json.js';

/**
 * State streams: how an owner publishes its state. Numbered deltas on `signalbox.state` (routing key = stream), a beacon
 * every two seconds between them, and a snapshot on request. `docs/ARCHITECTURE.md` describes how they fit together.
 */

const stream = z.string().min(1).max(100);
const epoch = z.int().min(0);
const seq = z.int().min(0);
const json = z.custom<JsonValue>((value) => value !== undefined);

/** `value: null` removes the key. */
export const streamChange = z.object({ key: z.string().min(1), value: json });
export type StreamChange = { key: string; value: JsonValue | null };

/** Changes of one step; `seq` grows by exactly one within an epoch. */
export const streamDelta = z.object({ stream, epoch, seq, changes: z.array(streamChange) });
export type StreamDelta = { stream: string; epoch: number; seq: number; changes: StreamChange[] };

/** The owner's heartbeat: the last `seq` it sent on this channel, and the digest of its state at that point. */
export const streamBeacon = z.object({ stream, epoch, seq, digest: z.string().regex(/^[0-9a-f]{16}$/) });
export type StreamBeacon = z.infer<typeof streamBeacon>;

/**
 * How far an epoch, which is a Unix time in ms, may lie ahead of the clock of a process that sees it. A later one would outlive all that
 * the true owner publishes.
 */
export const MAX_EPOCH_LEAD_MS = 86_400_000;

/** Ms between two beacons of an owner. */
export const BEACON_INTERVAL_MS = 2_000;

type Beat = [readerId: string, receivedAt: number];

const MOST_BEATS = 1_000;

const isBeat = (value: unknown): value is Beat =>
  Array.isArray(value) && value.length === 2 && typeof value[0] === 'string' && Number.isSafeInteger(value[1]);

/** Looked at and not copied, as zod copies arrays: the copies of 10,000 a second were most of what a gateway left to its garbage collector. */
const beats = z
  .custom<Beat[]>(
    (value) => Array.isArray(value) && value.length <= MOST_BEATS && value.every(isBeat),
    `must be up to ${MOST_BEATS} pairs of a reader's id and a whole number`,
  )
  .meta({
    type: 'array',
    maxItems: MOST_BEATS,
    items: {
      type: 'array',
      items: [
        { type: 'string' },
        { type: 'integer', minimum: Number.MIN_SAFE_INTEGER, maximum: Number.MAX_SAFE_INTEGER },
      ],
      additionalItems: false,
      minItems: 2,
      maxItems: 2,
    },
  });

/** `[reader_id, receive time in Unix ms]` pairs, beside the deltas and outside the digest. A lost one only makes the known times older. */
export const streamBeats = z.object({ stream, epoch, beats });
export type StreamBeats = z.infer<typeof streamBeats>;

/** Without `snapshot_id`: make a copy and return its first page. With it: return a further page of that copy. */
export const snapshotRequest = z.object({ stream, snapshot_id: z.string().exactOptional(), page: z.int().min(0) });
export type SnapshotRequest = z.infer<typeof snapshotRequest>;

const snapshotEntry = z.object({ key: z.string().min(1), value: json, version: seq });
export type SnapshotEntry = { key: string; value: JsonValue; version: number };

/** One page; `version` is the `seq` at which an entry last changed. */
export const snapshotPage = z.object({
  stream,
  snapshot_id: z.string(),
  epoch,
  seq,
  page: z.int().min(0),
  pages: z.int().min(1),
  entries: z.array(snapshotEntry),
});
export type SnapshotPage = {
  stream: string;
  snapshot_id: string;
  epoch: number;
  seq: number;
  page: number;
  pages: number;
  entries: SnapshotEntry[];
};
