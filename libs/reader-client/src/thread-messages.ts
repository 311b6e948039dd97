import type { Heartbeat } from '@signalbox/contracts/messages';
import type { LogLine } from './log-line.js';
import type { BeatState } from './beater.js';
import type { Identity } from './reader-options.js';

/** What the heartbeat thread is started with. */
export interface ThreadData {
  readonly url: string;
  readonly exchange: string;
  readonly bootId: string;
  readonly identity: Identity;
}

/** What the reader tells its heartbeat thread; `stopping` is the last thing it says. */
export interface Say {
  readonly state: BeatState;
  readonly identity: Identity;
}

/** What the heartbeat thread tells the reader. */
export type Told =
  | { readonly kind: 'log'; readonly line: LogLine }
  | { readonly kind: 'connected'; readonly connected: boolean }
  | { readonly kind: 'confirmed'; readonly beat: Pick<Heartbeat, 'seq' | 'sent_at' | 'state'> };
