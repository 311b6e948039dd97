import type { LiveReplica, SyncingReplica } from './replica-state.js';
import { resyncLater, startOver } from './resync.js';
import { stay, type ReplicaStep } from './step-result.js';

/**
 * Records an epoch that is not below the highest one seen. A higher one means a new owner: buffered deltas and pages came
 * from its predecessor and are dropped. The content shown stays until the new owner's snapshot is complete.
 */
export function seeEpoch(state: SyncingReplica, epoch: number): ReplicaStep<SyncingReplica>;
export function seeEpoch(state: LiveReplica | SyncingReplica, epoch: number): ReplicaStep<LiveReplica | SyncingReplica>;
export function seeEpoch(
  state: LiveReplica | SyncingReplica,
  epoch: number,
): ReplicaStep<LiveReplica | SyncingReplica> {
  if (epoch <= state.highestEpoch) return stay(state);
  if (state.phase === 'live') return resyncLater({ ...state, highestEpoch: epoch }, 'new-epoch', new Map());
  const emptied = { ...state, highestEpoch: epoch, buffered: new Map() };
  // While the first page is awaited nothing is lost yet: the new owner may be the one that answers.
  return emptied.assembly === undefined ? stay(emptied) : startOver(emptied, 'new-epoch');
}
