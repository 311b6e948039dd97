import type { SnapshotPage, StreamBeacon, StreamDelta } from '@signalbox/contracts/streams';

type Happening =
  /** Our queue is bound: from now on nothing is missed. */
  | { readonly type: 'bound' }
  /** The connection or the queue is lost: what is published now is missed. */
  | { readonly type: 'unbound' }
  | { readonly type: 'delta'; readonly delta: StreamDelta }
  | { readonly type: 'beacon'; readonly beacon: StreamBeacon }
  /** The answer to a `request-page` effect. */
  | { readonly type: 'page'; readonly page: SnapshotPage }
  /** A `request-page` effect got no answer, or a refusal. Every request ends in one page or one of these. */
  | { readonly type: 'snapshot-failed'; readonly reason: string }
  /** The delay of a `retry-in` effect has passed. One that is no longer wanted does no harm. */
  | { readonly type: 'retry' };

/** What a replica is told. `at` is when it happened, in ms on the receiver's monotonic clock. */
export type ReplicaInput = Happening & { readonly at: number };
