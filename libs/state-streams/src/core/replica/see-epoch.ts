import type { LiveReplica, SyncingReplica } from './replica-state.js';
import { resyncLater, startOver } from './resync.js';
import { stay, type ReplicaStep } from './step-result.js';

/**
 * Takes note of an epoch that is not below the highest one seen. A higher one is a new owner: what is buffered and
 * being put together came from its predecessor and is given up. What is shown stays until its snapshot is complete.
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
  // While the first page is awaited nothing is lost yet: the answer may well come from the new owner.
  return emptied.assembly === undefined ? stay(emptied) : startOver(emptied, 'new-epoch');
}
