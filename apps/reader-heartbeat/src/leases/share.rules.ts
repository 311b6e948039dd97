/** The lease of one partition. */
export interface Lease {
  readonly partition: number;
  /** Id of a process; null: it was given back. */
  readonly owner: string | null;
  /** Whether the time of the lease has not ended. */
  readonly isValid: boolean;
}

/** What the database says of partitions and processes. */
export interface Ownership {
  /** How many partitions there are. */
  readonly count: number;
  /** Ids of the processes that run, the one that was started first at the beginning. */
  readonly processes: readonly string[];
  readonly leases: readonly Lease[];
}

/** What one process is to do with its leases. */
export interface Share {
  readonly keep: readonly number[];
  /** More than its share. */
  readonly giveBack: readonly number[];
  /** Those of no running process, up to its share. */
  readonly take: readonly number[];
}

/**
 * The partitions are shared evenly: each of `L` processes owns `P div L`, and the first `P mod L` of them one more. All processes come to the same
 * result from the same facts. A newcomer is the last, so that the others give back as few as possible. A retired partition is beyond the
 * count: its owner keeps it, besides its share, and no process takes it.
 */
export function shareOf(me: string, { count, processes, leases }: Ownership): Share {
  const place = processes.indexOf(me);
  const share = Math.floor(count / processes.length) + (place < count % processes.length ? 1 : 0);
  const mine = leases.filter(({ owner }) => owner === me).map(({ partition }) => partition);
  const retired = mine.filter((partition) => partition >= count);
  const active = mine.filter((partition) => partition < count).toSorted(ascending);
  const held = new Set(
    leases.filter(({ owner, isValid }) => owner !== null && isValid).map(({ partition }) => partition),
  );
  const free = Array.from({ length: count }, (_, partition) => partition).filter(
    (partition) => !held.has(partition) && !mine.includes(partition),
  );
  return {
    keep: [...active.slice(0, share), ...retired],
    giveBack: active.slice(share),
    take: free.slice(0, Math.max(0, share - active.length)),
  };
}

/** Partitions beyond the count whose readers the others may not have taken over yet. */
export const retiredOf = ({ count, leases }: Ownership): number[] =>
  leases.map(({ partition }) => partition).filter((partition) => partition >= count);

/** Whether each partition has an owner. */
export const isOwned = ({ count, leases }: Ownership): boolean =>
  leases.filter(({ partition, owner, isValid }) => partition < count && owner !== null && isValid).length === count;

/** How many partitions have a stream, from 0 on: a retired one has its owner's until the others have taken over its readers. */
export const streamsOf = ({ count, leases }: Ownership): number =>
  leases.reduce((most, { partition, owner }) => (owner === null ? most : Math.max(most, partition + 1)), count);

const ascending = (a: number, b: number): number => a - b;
