import type { OwnerFacts, PartitionFacts } from '../status-facts.js';

/** Three beacons missed. */
export const OWNER_SILENT_MS = 6_000;

type Received = Pick<OwnerFacts, 'silentMs' | 'hasSnapshot' | 'isInStep'>;

export const isReceived = ({ silentMs }: Received): boolean => silentMs !== undefined && silentMs <= OWNER_SILENT_MS;

export const isComplete = ({ hasSnapshot, isInStep }: Received): boolean => hasSnapshot && isInStep;

/** Whether the messages of an owner arrive, and all of its state is here. */
export const isCurrent = ({ partitions, ...owner }: OwnerFacts): boolean =>
  (partitions ?? [owner]).every((each) => isReceived(each) && isComplete(each));

/** A service whose state is in several streams is as recent as the most recent, and has sent its state if those have whose messages arrive. */
export function ownerOfPartitions(partitions: readonly PartitionFacts[]): OwnerFacts {
  const arriving = partitions.filter(isReceived);
  const silences = partitions.flatMap(({ silentMs }) => silentMs ?? []);
  return {
    silentMs: silences.length > 0 ? Math.min(...silences) : undefined,
    hasSnapshot: arriving.every(({ hasSnapshot }) => hasSnapshot),
    isInStep: arriving.every(({ isInStep }) => isInStep),
    partitions,
  };
}
