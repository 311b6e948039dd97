import type { TransitionReason } from '@signalbox/contracts/messages';
import type { ReaderState } from './reader.js';

/** What a reader was before something happened to it. */
export interface Before {
  readonly state: ReaderState;
  /** Monotonic ms. */
  readonly receivedAt: number;
}

/** One step in the history of a reader. */
export interface Transition {
  /** Grows with each one of an epoch. */
  readonly number: number;
  readonly readerId: string;
  /** Unix ms. */
  readonly at: number;
  /** Null: it was not known. */
  readonly from: ReaderState | null;
  /** Null: it was forgotten. */
  readonly to: ReaderState | null;
  readonly why: TransitionReason;
  readonly bootId: string | null;
  /** Since the heartbeat before; null: there was none. */
  readonly silentMs: number | null;
}
