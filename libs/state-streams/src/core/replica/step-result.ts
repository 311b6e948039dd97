import type { ReplicaEffect } from './replica-effect.js';
import type { ReplicaState } from './replica-state.js';

export interface ReplicaStep<S extends ReplicaState = ReplicaState> {
  readonly state: S;
  /** To be performed in this order. */
  readonly effects: readonly ReplicaEffect[];
}

/** The input has no effect. */
export function stay<S extends ReplicaState>(state: S): ReplicaStep<S> {
  return { state, effects: [] };
}
