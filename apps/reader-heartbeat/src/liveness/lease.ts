import type { Reader } from './reader.js';

/** How long silence may last, as configured. */
export interface LivenessSettings {
  /** Seconds; 0: no reader is ever called dead. Otherwise a bound on lateness that the deadline timer stays far below. */
  heartbeatCheckInterval: number;
  missedBeats: number;
  /** Milliseconds on top of the missed beats. */
  readerMessageTimeoutMs: number;
  /** Milliseconds for which the dead and the gone are remembered. */
  retentionMs: number;
}

/** Ms of silence after which a reader is dead: `missed_beats × heartbeat_wait_interval + reader_message_timeout_ms`. */
export function silenceAllowed(reader: Reader, settings: LivenessSettings): number {
  return settings.missedBeats * reader.profile.waitInterval * 1_000 + settings.readerMessageTimeoutMs;
}

/**
 * When the reader's present state ends by itself (monotonic ms): a loading or live reader dies, a dead or gone one is
 * forgotten. Silence counts only from `listeningSince`: what was sent while nobody could hear it is no fault of the reader.
 */
export function leaseEnd(reader: Reader, settings: LivenessSettings, listeningSince: number): number {
  if (reader.state === 'dead' || reader.state === 'gone') return reader.since.monotonic + settings.retentionMs;
  if (settings.heartbeatCheckInterval === 0) return Infinity;
  return Math.max(reader.heard.monotonic, listeningSince) + silenceAllowed(reader, settings);
}
