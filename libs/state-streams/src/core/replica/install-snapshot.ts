import { applyChange } from '../entries.js';
import type { ReplicaChange } from './replica-input.js';
import { shownBy, type Assembly, type SyncingReplica } from './replica-state.js';
import { resyncLater } from './resync.js';
import type { ReplicaStep } from './step-result.js';

/**
 * Shows a complete snapshot with the buffered deltas that follow it. If one of them is missing, the result is still a
 * state that the owner was in, and newer than the content shown before; but the replica is not live, and resyncs.
 */
export function install(state: SyncingReplica, { epoch, seq, content }: Assembly): ReplicaStep {
  let reached = seq;
  const changes: ReplicaChange[] = [];
  for (let next = state.buffered.get(reached + 1); next !== undefined; next = state.buffered.get(reached + 1)) {
    reached += 1;
    for (const change of next.changes) {
      applyChange(content, change.key, change.value === null ? null : reached);
      changes.push(change);
    }
  }
  const shown = {
    ...shownBy(state),
    versions: content.entries,
    digest: content.digest,
    epoch,
    seq: reached,
    hadSnapshot: true,
    revision: state.revision + 1,
  };
  const beyond = new Map([...state.buffered].filter(([at]) => at > reached));
  const reset = { type: 'reset', changes } as const;
  if (beyond.size === 0) return { state: { ...shown, phase: 'live', beaconsBehind: 0 }, effects: [reset] };
  const again = resyncLater({ ...shown, phase: 'waiting' }, 'gap', beyond);
  return { state: again.state, effects: [reset, ...again.effects] };
}
