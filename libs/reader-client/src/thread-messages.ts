import type { Heartbeat } from '@signalbox/contracts/messages';
import type { BeatState } from './beat-state.js';
import type { Identity } from './checked-options.js';
import type { LogLine } from './log-line.js';
import type { StopCommand } from './reader-options.js';

/** An incarnation of a reader, as it is added to the heartbeat thread. */
export interface NewReader {
  readonly bootId: string;
  readonly identity: Identity;
  /** Whether it has a queue for commands. */
  readonly isControllable: boolean;
}

/** From the host to its heartbeat thread. Readers are named by their `boot_id`: an id may be used again while its last incarnation ends. */
export type ThreadRequest =
  | ({ readonly kind: 'add' } & NewReader)
  /** None follows one with the state `stopping`. */
  | { readonly kind: 'update'; readonly bootId: string; readonly state: BeatState; readonly identity: Identity }
  /** End the heartbeats of this reader without a deregistration. */
  | { readonly kind: 'abandon'; readonly bootId: string }
  /** End the thread. */
  | { readonly kind: 'close' };

/** From the heartbeat thread to the host. */
export type ThreadEvent =
  | { readonly kind: 'log'; readonly line: LogLine }
  | { readonly kind: 'connected'; readonly connected: boolean }
  | {
      readonly kind: 'confirmed';
      readonly bootId: string;
      readonly beat: Pick<Heartbeat, 'seq' | 'sent_at' | 'state'>;
    }
  | { readonly kind: 'command'; readonly bootId: string; readonly command: StopCommand }
  /** It is deregistered, or abandoned, and its commands are acknowledged. */
  | { readonly kind: 'ended'; readonly bootId: string };
