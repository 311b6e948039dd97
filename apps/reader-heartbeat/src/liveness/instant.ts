/** One moment on two clocks: the wall clock to be shown, the monotonic clock to decide by. */
export interface Instant {
  /** Unix ms. */
  unix: number;
  /** Ms of the process's monotonic clock. */
  monotonic: number;
}
