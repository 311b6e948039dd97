import type { ReplicaInput } from './replica-input.js';
import type { LiveReplica, SyncingReplica } from './replica-state.js';
import { startOver } from './resync.js';
import { stay, type ReplicaStep } from './step-result.js';

/**
 * Ignores a message with an epoch that lies too far ahead; undefined for any other input. It is none that an owner takes, and what the true
 * owner publishes would count as outdated after it.
 */
export function refuseEpoch(state: LiveReplica | SyncingReplica, input: ReplicaInput): ReplicaStep | undefined {
  const epoch = epochOf(input);
  if (epoch === undefined || epoch <= input.maxEpoch) return undefined;
  const refused = { type: 'epoch-refused', epoch } as const;
  // A page is the answer to a request, and no other answer comes.
  const { state: next, effects } =
    input.type === 'page' && state.phase === 'syncing' ? startOver(state) : stay<ReplicaStep['state']>(state);
  return { state: next, effects: [refused, ...effects] };
}

function epochOf(input: ReplicaInput): number | undefined {
  switch (input.type) {
    case 'delta':
      return input.delta.epoch;
    case 'beacon':
      return input.beacon.epoch;
    case 'page':
      return input.page.epoch;
    default:
      return undefined;
  }
}
