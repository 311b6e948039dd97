import type { ReplicaChange, ReplicaEntry } from './replica-input.js';

export type ResyncReason =
  /** The queue was bound (again): earlier deltas may be missing. */
  | 'bound'
  /** A delta's seq is not the next one. */
  | 'gap'
  /** A new owner, or the same one after a restart. */
  | 'new-epoch'
  /** The owner's beacon is ahead of this replica: deltas before it were lost. */
  | 'beacon-ahead'
  /** Two beacons in a row had a seq below this replica's. */
  | 'beacon-behind'
  /** The same seq, but another content. */
  | 'digest-mismatch'
  /** More deltas arrived during the resync than are kept. */
  | 'buffer-overflow'
  /** A page is none of the snapshot being put together. */
  | 'snapshot-mixed'
  /** The snapshot is of an owner that was replaced, or older than the content shown. */
  | 'snapshot-outdated';

/** What the runner must do. */
export type ReplicaEffect =
  /** Request a page from the owner, without `snapshotId` of a new copy. Give the result as a `page` or a `snapshot-failed` input. */
  | { readonly type: 'request-page'; readonly snapshotId?: string; readonly page: number }
  /** Choose a delay between the two bounds (ms) at random, and give a `retry` input when it has passed. */
  | { readonly type: 'retry-in'; readonly ms: readonly [min: number, max: number] }
  /** These keys were set or removed (null), in order. */
  | { readonly type: 'changed'; readonly changes: readonly ReplicaChange[] }
  /** Entries of a snapshot that is not to be shown yet; the first ones (`isFirst`) take the place of those of a snapshot that was abandoned. */
  | { readonly type: 'assembled'; readonly entries: readonly ReplicaEntry[]; readonly isFirst: boolean }
  /** Show the assembled entries, with these changes, in place of the whole content. */
  | { readonly type: 'reset'; readonly changes: readonly ReplicaChange[] }
  /** For logs and counters: a message was ignored, since its epoch lies too far ahead. */
  | { readonly type: 'epoch-refused'; readonly epoch: number }
  /** For logs and counters: a resync starts, or starts over. */
  | { readonly type: 'resync'; readonly reason: ResyncReason };
