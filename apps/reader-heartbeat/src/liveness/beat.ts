import type { ReaderProfile } from './reader.js';

/** One heartbeat, decoded. */
export interface Beat {
  readerId: string;
  state: 'loading' | 'ready' | 'stopping';
  bootId: string | null;
  seq: number | null;
  profile: ReaderProfile;
}
