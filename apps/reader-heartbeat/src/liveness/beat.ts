import type { CountsFor } from '../senders/sender.js';
import type { ReaderProfile } from './reader.js';
import type { SentConfig } from './sent-config.js';

/** One decoded heartbeat. `stopping` is the graceful shutdown message: it deregisters the reader. */
export interface Beat {
  readerId: string;
  state: 'loading' | 'ready' | 'stopping';
  bootId: string | null;
  seq: number | null;
  profile: ReaderProfile;
  /** Unix ms by the sender's clock. */
  sentAt: number | null;
  /** Null: the heartbeat carries none, and the one that was sent before stays. */
  config: SentConfig | null;
  countsFor: CountsFor;
}
