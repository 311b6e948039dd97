import type { Instant } from './instant.js';
import type { RecentBeats } from './recent-beats.rules.js';

/** The description of a reader, which each of its heartbeats contains. */
export interface ReaderProfile {
  consumerName: string;
  consumerGroups: string[];
  modelName: string;
  modelType: string;
  device: string;
  /** What runs the model; null: the reader does not say. */
  backend: string | null;
  pids: number[];
  /** Seconds between two heartbeats. */
  waitInterval: number;
}

/** `gone`: deregistered. It is not shown, and remembered so that a late heartbeat does not register it again. */
export type ReaderState = 'loading' | 'live' | 'dead' | 'gone';

/** One reader as this service knows it. */
export interface Reader {
  readerId: string;
  profile: ReaderProfile;
  state: ReaderState;
  /** When its present state began. Readers whose state began together share it. */
  since: Readonly<Instant>;
  /** The incarnation; null if the reader's heartbeats have no boot id. */
  bootId: string | null;
  seq: number | null;
  /** Incarnations that ended, newest last: their heartbeats are ignored. */
  endedBoots: readonly string[];
  /** When its state changed, the last few times, newest last. */
  changes: readonly Instant[];
  /** Since when its state changes too often; null: it does not. */
  flappingSince: Instant | null;
  /** When its last heartbeat was received. */
  receivedAt: Instant;
  /** Of this incarnation, since this process owns the reader. */
  recent: RecentBeats;
  /** Of the configuration that this incarnation sent last; null: it sent none. */
  configDigest: string | null;
  /** The JSON text of that configuration until it is stored; null: that there is none is not stored; undefined: it is. */
  unstoredConfig: string | null | undefined;
  /** For which monotonic ms it stands in the queue of deadlines; NaN: it does not. */
  queuedAt: number;
  /** The last tick of the announced receive times in which it had a heartbeat. */
  tick: number;
}
