import type { ReplicaInput } from './replica-input.js';
import type { ReplicaState } from './replica-state.js';
import { refuseEpoch } from './refuse-epoch.js';
import { requestAfterDelay, resyncAfterBinding, startOver, unbind } from './resync.js';
import { stay, type ReplicaStep } from './step-result.js';
import { takeBeacon } from './take-beacon.js';
import { takeDelta } from './take-delta.js';
import { takePage } from './take-page.js';

/**
 * One step of the replica of one stream. Pure, except that the state passed in is consumed: its maps are part of the new
 * state and are changed in place, because copying 10,000 entries for each delta would cost more than all the rest. The
 * caller keeps only the state returned last, and gives no messages of other streams. Never throws.
 */
export function step(state: ReplicaState, input: ReplicaInput): ReplicaStep {
  if (input.type === 'bound') return resyncAfterBinding(state);
  if (input.type === 'unbound') return unbind(state);
  if (state.phase === 'waiting') return stay(state);
  const refused = refuseEpoch(state, input);
  if (refused !== undefined) return refused;
  if (input.type === 'delta') return takeDelta(state, input.delta, input.at);
  if (input.type === 'beacon') return takeBeacon(state, input.beacon, input.at);
  if (state.phase === 'live') return stay(state);
  if (input.type === 'page') return takePage(state, input.page);
  return input.type === 'retry' ? requestAfterDelay(state) : startOver(state);
}
