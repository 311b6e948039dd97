import type { StreamBeacon } from '@signalbox/contracts/streams';
import { type LiveReplica, type SyncingReplica } from './replica-state.js';
import { resyncLater } from './resync.js';
import { seeEpoch } from './see-epoch.js';
import { stay, type ReplicaStep } from './step-result.js';

/** One beacon below the replica's seq may be a repeated delivery; two mean that the owner's numbers differ. */
const BEACONS_BEHIND_ALLOWED = 1;

/**
 * Compares the replica with its owner. Beacons travel on the deltas' own channel, so when a beacon arrives, every delta
 * it counts has arrived: a beacon ahead of the replica means loss, not delay.
 */
export function takeBeacon(before: LiveReplica | SyncingReplica, beacon: StreamBeacon, at: number): ReplicaStep {
  if (beacon.epoch < before.highestEpoch) return stay(before);
  const seen = seeEpoch({ ...before, lastReceivedAt: at }, beacon.epoch);
  if (seen.state.phase === 'syncing') return seen;
  const state = seen.state;
  if (beacon.seq > state.seq) return resyncLater(state, 'beacon-ahead', new Map());
  if (beacon.seq < state.seq) return takeBeaconBehind(state);
  if (beacon.digest !== state.digest.toString()) return resyncLater(state, 'digest-mismatch', new Map());
  return stay({ ...state, attempts: 0, beaconsBehind: 0 });
}

function takeBeaconBehind(state: LiveReplica): ReplicaStep {
  if (state.beaconsBehind >= BEACONS_BEHIND_ALLOWED) return resyncLater(state, 'beacon-behind', new Map());
  return stay({ ...state, beaconsBehind: state.beaconsBehind + 1 });
}
