import type { BeatState } from './beat-state.js';
import type { ReaderChange } from './reader-options.js';

/** The status on the reader's side; Signalbox may not have received it yet. */
export interface ReaderStatus {
  state: BeatState;
  /** Identifies this incarnation of the reader. */
  boot_id: string;
  connected: boolean;
  /** `seq` of the last heartbeat the broker confirmed, and when it was sent (Unix ms); null before the first. */
  seq: number | null;
  sent_at: number | null;
}

/** Publishes heartbeats until it is stopped, on a thread that keeps the process running. */
export interface Reader {
  /** The model serves requests: `live` in Signalbox. Publishes a heartbeat at once. */
  ready(): void;
  /** The model is loading (again). Publishes a heartbeat at once. */
  loading(): void;
  /**
   * Changes the description of the reader. Publishes a heartbeat at once.
   * @throws TypeError that names each invalid member; nothing changes then.
   */
  update(change: ReaderChange): void;
  /** Deregisters the reader, and waits up to 3 s for the broker's confirmation. Then the process may exit. */
  stop(): Promise<void>;
  /** Ends the heartbeats without a deregistration, for a reader that failed: Signalbox declares it dead when its time is over. */
  abandon(): Promise<void>;
  status(): ReaderStatus;
}
