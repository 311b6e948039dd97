import type { StreamChange } from '@signalbox/contracts/streams';

export type ResyncReason =
  /** The queue was bound (again): what came before may be missing. */
  | 'bound'
  /** A delta's seq is not the next one. */
  | 'gap'
  /** A new owner, or the old one started again. */
  | 'new-epoch'
  /** The owner's beacon is ahead of us: deltas before it were lost. */
  | 'beacon-ahead'
  /** The owner twice said a seq below ours. */
  | 'beacon-behind'
  /** The same seq, another content. */
  | 'digest-mismatch'
  /** More deltas came during the resync than are kept. */
  | 'buffer-overflow'
  /** A page was not the next one of the snapshot being put together. */
  | 'snapshot-mixed'
  /** A snapshot of an owner that has been replaced, or older than what is shown. */
  | 'snapshot-outdated';

/** What the runner must do, in this order. */
export type ReplicaEffect =
  /** Ask the owner; without `snapshotId` for a new copy. Answer with a `page` or a `snapshot-failed` input. */
  | { readonly type: 'request-page'; readonly snapshotId?: string; readonly page: number }
  /** Draw a delay between the two bounds (ms), evenly, and give a `retry` input when it has passed. */
  | { readonly type: 'retry-in'; readonly ms: readonly [min: number, max: number] }
  /** These keys were set or removed (null), in order. */
  | { readonly type: 'changed'; readonly changes: readonly StreamChange[] }
  /** The whole content was replaced: read `entries` anew. */
  | { readonly type: 'reset' }
  /** For logs and counters: a resync begins, or begins again. */
  | { readonly type: 'resync'; readonly reason: ResyncReason };
