import type { Instant } from './instant.js';

/** What a reader says about itself, in every heartbeat. */
export interface ReaderProfile {
  consumerName: string;
  consumerGroups: string[];
  modelName: string;
  modelType: string;
  device: string;
  pids: number[];
  /** Seconds between two heartbeats. */
  waitInterval: number;
}

/** `gone` has said goodbye: it is shown nowhere, and remembered so that a late beat cannot bring it back. */
export type ReaderLife = 'loading' | 'live' | 'dead' | 'gone';

/** One reader as this service knows it. */
export interface Reader {
  readerId: string;
  profile: ReaderProfile;
  state: ReaderLife;
  /** When it came into its state. */
  since: Instant;
  /** The incarnation; null for a reader that does not name its lives. */
  bootId: string | null;
  seq: number | null;
  /** Incarnations that ended, newest last: whatever still comes from them is ignored. */
  endedBoots: string[];
  /** When its last heartbeat was received. */
  heard: Instant;
}

/** How many ended incarnations are remembered; a late beat from before that many restarts does not exist in practice. */
const ENDED_BOOTS = 16;

/** `endedBoots` with one more, bounded. */
export function endBoot(endedBoots: string[], bootId: string | null): string[] {
  if (bootId === null || endedBoots.includes(bootId)) return endedBoots;
  return [...endedBoots, bootId].slice(-ENDED_BOOTS);
}
