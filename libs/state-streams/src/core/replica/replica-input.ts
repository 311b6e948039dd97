import type { SnapshotPage, StreamBeacon, StreamDelta } from '@signalbox/contracts/streams';

/** A change whose value goes through the replica as it is; null removes the key. */
export interface ReplicaChange {
  readonly key: string;
  readonly value: unknown;
}

export interface ReplicaEntry extends ReplicaChange {
  readonly version: number;
}

export type ReplicaDelta = Omit<StreamDelta, 'changes'> & { readonly changes: readonly ReplicaChange[] };
export type ReplicaPage = Omit<SnapshotPage, 'entries'> & { readonly entries: readonly ReplicaEntry[] };

type Event =
  /** The queue is bound: from now on no message is missed. */
  | { readonly type: 'bound' }
  /** The connection or the queue is lost: messages that are published now are missed. */
  | { readonly type: 'unbound' }
  | { readonly type: 'delta'; readonly delta: ReplicaDelta }
  | { readonly type: 'beacon'; readonly beacon: StreamBeacon }
  /** The answer to a `request-page` effect. */
  | { readonly type: 'page'; readonly page: ReplicaPage }
  /** A `request-page` effect had no answer, or a refusal. Every request ends in one page or one of these. */
  | { readonly type: 'snapshot-failed'; readonly reason: string }
  /** The delay of a `retry-in` effect has passed. One that is no longer needed is ignored. */
  | { readonly type: 'retry' };

/** An event for a replica. */
export type ReplicaInput = Event & {
  /** Its time, in ms on the receiver's monotonic clock. */
  readonly at: number;
  /** The highest epoch that an owner may have now: see `MAX_EPOCH_LEAD_MS`. */
  readonly maxEpoch: number;
};
