import type { ReaderState } from '@signalbox/contracts/streams';

/** The least state every reader must have reached. */
export type WantedState = 'live' | 'loading';

/**
 * `GET /healthz` (contract: readers): healthy when there is a reader at all and each one known has reached the wanted
 * state; the dead that are not yet forgotten have not.
 */
export function areHealthy(counts: Record<ReaderState, number>, wanted: WantedState): boolean {
  const known = counts.loading + counts.live + counts.dead;
  const reached = counts.live + (wanted === 'loading' ? counts.loading : 0);
  return known > 0 && reached === known;
}
