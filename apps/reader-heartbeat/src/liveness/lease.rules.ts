import type { Reader } from './reader.js';

/** The configured limits of silence and retention. */
export interface LivenessSettings {
  /** Seconds; 0: no reader is ever declared dead. Otherwise the longest delay of a death; the timer fires far earlier. */
  heartbeatCheckInterval: number;
  missedBeats: number;
  /** Milliseconds added to the missed heartbeats. */
  readerMessageTimeoutMs: number;
  /** Milliseconds for which dead and deregistered readers are remembered. */
  retentionMs: number;
}

/** Ms of silence after which a reader is dead: `missed_beats × heartbeat_wait_interval + reader_message_timeout_ms`. */
export function silenceAllowed(reader: Reader, settings: LivenessSettings): number {
  return settings.missedBeats * reader.profile.waitInterval * 1_000 + settings.readerMessageTimeoutMs;
}

/**
 * The monotonic ms at which the reader's state ends without a further heartbeat: a loading or live reader becomes dead, a dead
 * or deregistered one is forgotten. Silence counts only from `receivingSince`: before, heartbeats could not arrive.
 */
export function leaseEnd(reader: Reader, settings: LivenessSettings, receivingSince: number): number {
  if (reader.state === 'dead' || reader.state === 'gone') return reader.since.monotonic + settings.retentionMs;
  if (settings.heartbeatCheckInterval === 0) return Infinity;
  return Math.max(reader.receivedAt.monotonic, receivingSince) + silenceAllowed(reader, settings);
}
