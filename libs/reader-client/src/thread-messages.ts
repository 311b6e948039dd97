import type { Heartbeat } from '@signalbox/contracts/messages';
import type { LogLine } from './log-line.js';
import type { BeatState } from './beat-state.js';
import type { Identity } from './checked-options.js';

/** The data with which the heartbeat thread is started. */
export interface ThreadData {
  readonly url: string;
  readonly exchange: string;
  readonly bootId: string;
  readonly identity: Identity;
}

/** From the reader to its heartbeat thread. No update follows one with the state `stopping`. */
export interface ReaderUpdate {
  readonly state: BeatState;
  readonly identity: Identity;
}

/** From the heartbeat thread to the reader. */
export type ThreadEvent =
  | { readonly kind: 'log'; readonly line: LogLine }
  | { readonly kind: 'connected'; readonly connected: boolean }
  | { readonly kind: 'confirmed'; readonly beat: Pick<Heartbeat, 'seq' | 'sent_at' | 'state'> };
