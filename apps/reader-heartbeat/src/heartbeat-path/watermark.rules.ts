/** What was sent through the heartbeat path from `since` to `through` has been received. Both are of the monotonic clock, in ms. */
export interface Watermark {
  readonly since: number;
  readonly through: number;
}

/** Of other partitions where there are none. */
export const EVERYTHING: Watermark = { since: -Infinity, through: Infinity };
/** Of other partitions that are not known: silence does not count. */
export const NOTHING: Watermark = { since: -Infinity, through: -Infinity };
