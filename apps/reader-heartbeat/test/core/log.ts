import type { Beat } from '../../src/liveness/beat.js';

/** `t`: ms since the begin of the trace, by a clock that nothing stops; `unix`: ms of our wall clock at that moment, which may jump. */
export interface Moment {
  readonly t: number;
  readonly unix: number;
}

/** What happened to the owner of a partition, in the order in which it did. */
export type LogEntry = Moment &
  (
    | { readonly kind: 'started' }
    /** Heartbeats of one message were handled. */
    | { readonly kind: 'beats'; readonly beats: readonly Beat[] }
    /** A canary returned. `alone`: while heartbeats may be refused that count. */
    | { readonly kind: 'canary'; readonly sentAt: number; readonly alone: boolean }
    /** An admin asked for the removal of a reader. */
    | { readonly kind: 'removal'; readonly readerId: string }
  );
