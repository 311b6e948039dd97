import type { ReplicaDelta } from './replica-input.js';
import type { ReplicaEffect, ResyncReason } from './replica-effect.js';
import { shownBy, type ReplicaState, type SyncingReplica, type WaitingReplica } from './replica-state.js';
import { stay, type ReplicaStep } from './step-result.js';

/** The first delay of a resync, ms. It doubles with each attempt, until its upper bound is 5 s. */
const FIRST_DELAY = { min: 50, max: 250 };
const LARGEST_FACTOR = 20;

const FIRST_PAGE = { type: 'request-page', page: 0 } as const;

/** The one resync without a delay: the times at which replicas bind their queues are spread already. */
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
 * Starts a resync after a delay, so that many replicas that saw the same fault do not send requests at once. `buffered`
 * holds the deltas that may follow the snapshot.
 */
export function resyncLater(
  state: ReplicaState,
  reason: ResyncReason,
  buffered: Map<number, ReplicaDelta>,
): ReplicaStep<SyncingReplica> {
  return later(state, buffered, [{ type: 'resync', reason }]);
}

/**
 * Abandons the snapshot that is being fetched, if there is one, and requests a new one after a delay. Buffered deltas are
 * kept. Without a reason the request failed, which the runner knows already.
 */
export function startOver(state: SyncingReplica, reason?: ResyncReason): ReplicaStep<SyncingReplica> {
  if (state.awaits === 'retry') return stay(state);
  return later(state, state.buffered, reason === undefined ? [] : [{ type: 'resync', reason }]);
}

export function requestAfterDelay(state: SyncingReplica): ReplicaStep<SyncingReplica> {
  return state.awaits === 'retry' ? { state: { ...state, awaits: 'page' }, effects: [FIRST_PAGE] } : stay(state);
}

/** Abandons a snapshot that is being fetched, since deltas will be missed. The content shown stays. */
export function unbind(state: ReplicaState): ReplicaStep<WaitingReplica> {
  return { state: { ...shownBy(state), phase: 'waiting' }, effects: [] };
}

function later(
  state: ReplicaState,
  buffered: Map<number, ReplicaDelta>,
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
