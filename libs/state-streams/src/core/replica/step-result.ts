import type { ReplicaEffect } from './replica-effect.js';
import type { ReplicaState } from './replica-state.js';

export interface ReplicaStep<S extends ReplicaState = ReplicaState> {
  readonly state: S;
  /** To be carried out in this order. */
  readonly effects: readonly ReplicaEffect[];
}

/** The input says nothing new. */
export function stay<S extends ReplicaState>(state: S): ReplicaStep<S> {
  return { state, effects: [] };
}
