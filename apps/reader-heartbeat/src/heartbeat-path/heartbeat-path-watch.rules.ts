/** Ms between two canaries. */
export const CANARY_INTERVAL_MS = 1_000;
/** Ms without a canary after which the path counts as closed. It tolerates one lost canary. */
export const CANARY_TIMEOUT_MS = 2_500;
/**
 * A canary that takes longer by this than the one before, and on whose way nothing else arrived for as long, shows that the path stood
 * still. It is half of what a lease tolerates. Where much else arrives, the canary waited behind it in the queue.
 */
const STALL_MS = 250;
/** For how long after a stall what waited in many connections may still come, in any order. A pause of this process looks the same, so it is short. */
const DRAIN_MS = 500;

/**
 * Whether heartbeats can reach this process at all. A canary travels the same path as the heartbeats every second. While none
 * returns, the silence of a reader does not count. Pure: all times are of the monotonic clock, in ms.
 */
export class HeartbeatPathWatch {
  private canaryReturnedAt: number | undefined;
  /** Undefined while the path is closed. */
  private openedAt: number | undefined;
  private arrivedAt = -Infinity;
  /** The last time in which nothing arrived, if it was long. */
  private gap = { from: -Infinity, to: -Infinity };
  /** How long the last canary took. */
  private tookMs = 0;
  /** Canaries that were sent before do not show that all heartbeats have been received that were sent before them. */
  private conclusiveFrom = -Infinity;

  /** To be called when a canary that was sent at `sentAt` returns. Returns 'opened' when the path was closed before. */
  canaryReturned(sentAt: number, now: number): 'opened' | undefined {
    // A late canary shows that the path was open when it was sent, not that it is open now.
    if (now - sentAt > CANARY_TIMEOUT_MS) return undefined;
    const wasOpen = this.isOpen(now);
    this.arrived(now);
    this.noteStall(sentAt, now);
    this.canaryReturnedAt = now;
    this.openedAt ??= now;
    return wasOpen ? undefined : 'opened';
  }

  /** To be called when anything arrives. */
  arrived(now: number): void {
    if (now - this.arrivedAt > STALL_MS) this.gap = { from: this.arrivedAt, to: now };
    this.arrivedAt = Math.max(this.arrivedAt, now);
  }

  /** To be called instead while heartbeats may be refused that count: those that come are received now, and silence does not count. */
  canaryReturnedAlone(sentAt: number, now: number): void {
    if (now - sentAt <= CANARY_TIMEOUT_MS) this.canaryReturnedAt = now;
    this.openedAt = undefined;
  }

  /** Since when the path is open, monotonic ms; undefined while it is closed. */
  openSince(now: number): number | undefined {
    if (this.canaryAge(now) > CANARY_TIMEOUT_MS) this.openedAt = undefined;
    return this.openedAt;
  }

  /** Ms since a canary returned in time; Infinity before the first. */
  canaryAge(now: number): number {
    return this.canaryReturnedAt === undefined ? Infinity : now - this.canaryReturnedAt;
  }

  /**
   * The receive time of a heartbeat that is handled at `now`. While the path is not known to be open, this process may have been
   * paused and the heartbeat may have waited in it. Then its receive time is the moment at which the path was last seen open.
   */
  receivedAt(now: number): number {
    return this.canaryReturnedAt === undefined || this.canaryAge(now) <= CANARY_TIMEOUT_MS
      ? now
      : this.canaryReturnedAt;
  }

  /** Whether the return of a canary shows that each heartbeat has been received that was sent before it. */
  isConclusive(sentAt: number, now: number): boolean {
    return this.isOpen(now) && sentAt >= this.conclusiveFrom;
  }

  isOpen(now: number): boolean {
    return this.openSince(now) !== undefined;
  }

  private noteStall(sentAt: number, now: number): void {
    const tookMs = now - sentAt;
    const silentMs = this.gap.to - Math.max(this.gap.from, sentAt);
    if (tookMs > this.tookMs + STALL_MS && silentMs > STALL_MS) this.conclusiveFrom = now + DRAIN_MS;
    this.tookMs = tookMs;
  }
}
