import type { ReplicaDelta } from './replica-input.js';
import { StreamDigest } from '../digest.js';
import type { Content } from '../entries.js';

/** Common to all phases: the content shown, and what is known about its owner. */
interface ReplicaCommon {
  /** Of the content shown. */
  readonly epoch: number;
  /** Of the last delta that is in the content shown. */
  readonly seq: number;
  readonly digest: StreamDigest;
  /**
   * The versions of the content shown, by key. Its values are with the runner, which gets them by the effects: it shows them during a resync and
   * while the owner is unavailable, too.
   */
  readonly versions: ReadonlyMap<string, number>;
  /** Whether there ever was a complete snapshot. Before the first one, `versions` is empty because nothing is known. */
  readonly hadSnapshot: boolean;
  /** Grows with each change of the content shown. */
  readonly revision: number;
  /** When a delta or beacon of the current owner was last received, ms as given in inputs. */
  readonly lastReceivedAt: number | undefined;
  /** The highest epoch seen in any message; all below it come from owners that were replaced. */
  readonly highestEpoch: number;
  /** How many delayed attempts were made since a beacon last matched the content. */
  readonly attempts: number;
  readonly maxBufferedDeltas: number;
}

/** No queue is bound: all messages are ignored. */
export type WaitingReplica = ReplicaCommon & { readonly phase: 'waiting' };

/** In step with the owner, as far as is known. */
export type LiveReplica = ReplicaCommon & {
  readonly phase: 'live';
  /** How many beacons in a row were below the seq of the content. */
  readonly beaconsBehind: number;
};

/** Buffers deltas until a complete snapshot is here. */
export type SyncingReplica = ReplicaCommon & {
  readonly phase: 'syncing';
  /** Deltas of the highest epoch, by seq, to be applied to the complete snapshot. */
  readonly buffered: Map<number, ReplicaDelta>;
  /** The next input: the page that was requested, or the end of the delay before the next request. */
  readonly awaits: 'page' | 'retry';
  /** The pages so far; undefined before the first. */
  readonly assembly: Assembly | undefined;
};

/** The versions of the entries, by key. */
export type Versions = Content<number>;

const versionOf = (version: number): number => version;

export const emptyVersions = (): Versions => ({ entries: new Map(), digest: new StreamDigest(), versionOf });

/** A snapshot being put together. */
export interface Assembly {
  readonly snapshotId: string;
  readonly epoch: number;
  readonly seq: number;
  readonly pages: number;
  /** Pages are requested in their order, several at a time. */
  readonly nextRequest: number;
  /** Which pages are here. */
  readonly received: Set<number>;
  readonly content: Versions;
}

export type ReplicaState = WaitingReplica | SyncingReplica | LiveReplica;

/** A replica before its first input. More than `maxBufferedDeltas` (10,000) during one resync start it over. */
export function createReplica({ maxBufferedDeltas = 10_000 }: { maxBufferedDeltas?: number } = {}): ReplicaState {
  return {
    phase: 'waiting',
    epoch: 0,
    seq: 0,
    digest: new StreamDigest(),
    versions: new Map(),
    hadSnapshot: false,
    revision: 0,
    lastReceivedAt: undefined,
    highestEpoch: 0,
    attempts: 0,
    maxBufferedDeltas,
  };
}

/** The part of a state that is kept from phase to phase. */
export function shownBy(state: ReplicaState): ReplicaCommon {
  const { epoch, seq, digest, versions, hadSnapshot, revision, lastReceivedAt, highestEpoch, attempts } = state;
  const { maxBufferedDeltas } = state;
  return {
    epoch,
    seq,
    digest,
    versions,
    hadSnapshot,
    revision,
    lastReceivedAt,
    highestEpoch,
    attempts,
    maxBufferedDeltas,
  };
}

/** The content shown, to be changed in place: a step owns the state it was given; for readers the map is read-only. */
export function contentOf({ versions, digest }: LiveReplica): Versions {
  return { entries: versions as Map<string, number>, digest, versionOf };
}
