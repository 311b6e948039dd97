import type { StreamDelta } from '@signalbox/contracts/streams';
import type { ReplicaEffect, ResyncReason } from './replica-effect.js';
import { shownBy, type ReplicaState, type SyncingReplica, type WaitingReplica } from './replica-state.js';
import { stay, type ReplicaStep } from './step-result.js';

/** The first delay of a resync, ms. It doubles with each attempt, up to the factor that makes its end 5 s. */
const FIRST_DELAY = { min: 50, max: 250 };
const LARGEST_FACTOR = 20;

const FIRST_PAGE = { type: 'request-page', page: 0 } as const;

/** The one resync without a delay: the time of our own binding is spread already. */
export function resyncAfterBinding(state: ReplicaState): ReplicaStep<SyncingReplica> {
  return {
    state: {
      ...shownBy(state),
      phase: 'syncing',
      buffered: new Map(),
      awaits: 'page',
      assembly: undefined,
      attempts: 0,
    },
    effects: [{ type: 'resync', reason: 'bound' }, FIRST_PAGE],
  };
}

/**
 * Begins a resync after a delay, which keeps many replicas that saw the same fault from asking at once. `buffered` is
 * what may be needed on top of the snapshot.
 */
export function resyncLater(
  state: ReplicaState,
  reason: ResyncReason,
  buffered: Map<number, StreamDelta>,
): ReplicaStep<SyncingReplica> {
  return later(state, buffered, [{ type: 'resync', reason }]);
}

/**
 * Gives up the snapshot being fetched, if one is, and asks for a new one after a delay; what is buffered is kept.
 * Without a reason the request failed, which the runner knows already.
 */
export function startOver(state: SyncingReplica, reason?: ResyncReason): ReplicaStep<SyncingReplica> {
  if (state.awaits === 'retry') return stay(state);
  return later(state, state.buffered, reason === undefined ? [] : [{ type: 'resync', reason }]);
}

export function requestAfterDelay(state: SyncingReplica): ReplicaStep<SyncingReplica> {
  return state.awaits === 'retry' ? { state: { ...state, awaits: 'page' }, effects: [FIRST_PAGE] } : stay(state);
}

/** What was being fetched is worth nothing now: deltas will be missed. What is shown stays. */
export function unbind(state: ReplicaState): ReplicaStep<WaitingReplica> {
  return { state: { ...shownBy(state), phase: 'waiting' }, effects: [] };
}

function later(
  state: ReplicaState,
  buffered: Map<number, StreamDelta>,
  reasons: readonly ReplicaEffect[],
): ReplicaStep<SyncingReplica> {
  const factor = Math.min(2 ** state.attempts, LARGEST_FACTOR);
  const ms = [FIRST_DELAY.min * factor, FIRST_DELAY.max * factor] as const;
  const attempts = state.attempts + 1;
  return {
    state: { ...shownBy(state), phase: 'syncing', buffered, awaits: 'retry', assembly: undefined, attempts },
    effects: [...reasons, { type: 'retry-in', ms }],
  };
}
