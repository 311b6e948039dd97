import type { CountsFor } from '../senders/sender.js';
import type { ReaderProfile } from './reader.js';

/** One decoded heartbeat. `stopping` is the graceful shutdown message: it deregisters the reader. */
export interface Beat {
  readerId: string;
  state: 'loading' | 'ready' | 'stopping';
  bootId: string | null;
  seq: number | null;
  profile: ReaderProfile;
  countsFor: CountsFor;
}
