import type { Reader } from '../liveness/reader.js';
import type { ReaderPartition } from './reader-partition.js';

/**
 * Puts the stored readers of a partition into it, page by page. Each page comes in a turn of the event loop of its own, so that leases, heartbeats of the
 * connection and other partitions wait for one page at most.
 * @returns false: the partition was lost meanwhile, and not all are there
 */
export async function restoreReaders(
  pages: AsyncIterable<readonly Reader[]>,
  partition: Pick<ReaderPartition, 'restore'>,
  isOwned: () => boolean,
): Promise<boolean> {
  for await (const readers of pages) {
    if (!isOwned()) return false;
    partition.restore(readers);
  }
  return isOwned();
}
