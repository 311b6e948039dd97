/** One moment on two clocks: the wall clock for display, the monotonic clock for decisions. */
export interface Instant {
  /** Unix ms. */
  unix: number;
  /** Ms of the process's monotonic clock. */
  monotonic: number;
}
