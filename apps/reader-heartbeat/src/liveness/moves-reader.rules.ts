import { fence } from '@signalbox/platform';
import type { Beat } from './beat.js';
import type { Reader } from './reader.js';

/**
 * Whether a heartbeat shows that a reader, which is known in another partition, has moved to the one where it arrived. A late one of an earlier
 * incarnation does not: the present one may still be where it was.
 */
export function movesReader(known: Reader, beat: Beat): boolean {
  const fencing = fence(known, beat);
  return fencing === 'newer' || (fencing === 'next' && beat.state !== 'stopping');
}
