import type { ReplicaDelta } from './replica-input.js';
import { applyChange } from '../entries.js';
import { contentOf, type LiveReplica, type SyncingReplica } from './replica-state.js';
import { resyncLater, startOver } from './resync.js';
import { seeEpoch } from './see-epoch.js';
import { stay, type ReplicaStep } from './step-result.js';

/** Applies the next delta, buffers it, or detects from it that a delta was missed. */
export function takeDelta(before: LiveReplica | SyncingReplica, delta: ReplicaDelta, at: number): ReplicaStep {
  if (delta.epoch < before.highestEpoch) return stay(before);
  const seen = seeEpoch({ ...before, lastReceivedAt: at }, delta.epoch);
  if (seen.state.phase === 'syncing') {
    const kept = keep(seen.state, delta);
    return { state: kept.state, effects: [...seen.effects, ...kept.effects] };
  }
  const state = seen.state;
  if (delta.seq <= state.seq) return stay(state);
  if (delta.seq > state.seq + 1) return resyncLater(state, 'gap', new Map([[delta.seq, delta]]));
  const changes = applyDelta(state, delta);
  if (changes.length === 0) return stay({ ...state, seq: delta.seq });
  return {
    state: { ...state, seq: delta.seq, revision: state.revision + 1 },
    effects: [{ type: 'changed', changes }],
  };
}

/** Applies the changes to the content in place; returns those that had an effect. */
function applyDelta(state: LiveReplica, delta: ReplicaDelta): ReplicaDelta['changes'] {
  const content = contentOf(state);
  return delta.changes.filter(({ key, value }) => applyChange(content, key, value === null ? null : delta.seq));
}

function keep(state: SyncingReplica, delta: ReplicaDelta): ReplicaStep<SyncingReplica> {
  state.buffered.set(delta.seq, delta);
  if (state.buffered.size <= state.maxBufferedDeltas) return stay(state);
  return startOver({ ...state, buffered: new Map() }, 'buffer-overflow');
}
