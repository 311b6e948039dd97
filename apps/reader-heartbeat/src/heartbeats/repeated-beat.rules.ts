import type { Beat } from '../liveness/beat.js';
import type { Reader, ReaderProfile } from '../liveness/reader.js';
import { hasBeats } from '../liveness/recent-beats.rules.js';
import type { CountsFor } from '../senders/sender.js';

/**
 * The heartbeat that an item is, where all that describes its reader is what an earlier heartbeat said, which the schema has accepted; undefined:
 * the schema must judge it. Nearly all heartbeats repeat the one before, and a comparison costs a fraction of the schema.
 * @param known the reader of this `reader_id`
 */
export function repeatedBeat(item: HeartbeatItem, known: Reader, countsFor: CountsFor): Beat | undefined {
  const { state, seq = null, sent_at: sentAt = null, boot_id: bootId = null, config = null } = item;
  // What an earlier release has stored, its schema accepted.
  if (!hasBeats(known.recent)) return undefined;
  if (state !== 'ready' && state !== 'loading' && state !== 'stopping') return undefined;
  if (!isCount(seq) || !isCount(sentAt)) return undefined;
  if (bootId !== known.bootId || config !== null || !repeats(item, known.profile)) return undefined;
  const { readerId, profile } = known;
  return { readerId, state, bootId: known.bootId, seq, profile, sentAt, config: null, countsFor };
}

/** An object of JSON, in which any member may be anything. */
export type HeartbeatItem = Partial<Record<string, unknown>>;

const isCount = (value: unknown): value is number | null =>
  value === null || (Number.isSafeInteger(value) && (value as number) >= 0);

function repeats(item: HeartbeatItem, profile: ReaderProfile): boolean {
  return (
    item['consumer_name'] === profile.consumerName &&
    item['model_name'] === profile.modelName &&
    item['model_type'] === profile.modelType &&
    item['device'] === profile.device &&
    (item['backend'] ?? null) === profile.backend &&
    item['heartbeat_wait_interval'] === profile.waitInterval &&
    repeatsItems(item['consumer_groups'], profile.consumerGroups) &&
    repeatsItems(item['pids'], profile.pids)
  );
}

function repeatsItems(given: unknown, known: readonly unknown[]): boolean {
  if (!Array.isArray(given) || given.length !== known.length) return false;
  for (let at = 0; at < known.length; at += 1) if (given[at] !== known[at]) return false;
  return true;
}
