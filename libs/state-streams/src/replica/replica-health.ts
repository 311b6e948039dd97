import type { Clock, Health } from '@signalbox/platform';
import type { StreamReplica } from './stream-replica.js';

export interface ReplicaHealthOptions {
  readonly health: Health;
  readonly clock: Clock;
  readonly requiredForReadiness: boolean;
}

/** Adds the checks of a replica. Only a snapshot is needed for readiness; whether the owner is available is shown beside it. */
export function reportReplicaHealth(
  replica: StreamReplica,
  { health, clock, requiredForReadiness }: ReplicaHealthOptions,
): void {
  const [stream, owner] = checksOf(replica.stream);
  health.add(
    stream,
    () => ({
      status: replica.hadSnapshot ? 'up' : 'down',
      detail: replica.hadSnapshot ? describe(replica.position) : 'no snapshot yet',
    }),
    { required: requiredForReadiness },
  );
  health.add(
    owner,
    () => {
      const { silentMs } = replica;
      if (silentMs === undefined) return { status: 'down', detail: 'no beacon received yet' };
      return replica.isOwnerAvailable
        ? { status: 'up' }
        : { status: 'down', since: Math.round(clock.now() - silentMs) };
    },
    { required: false },
  );
}

/** Removes the checks of a replica that is given up. */
export function forgetReplicaHealth(stream: string, health: Health): void {
  for (const check of checksOf(stream)) health.remove(check);
}

const checksOf = (stream: string): [stream: string, owner: string] => [`stream ${stream}`, `owner of ${stream}`];

const describe = ({ epoch, seq, digest }: StreamReplica['position']): string => `at ${epoch}.${seq}, digest ${digest}`;
