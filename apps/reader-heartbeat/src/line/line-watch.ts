/** Ms between two canaries, and the longest silence of theirs that is taken for chance. */
export const CANARY_INTERVAL_MS = 1_000;
const CANARY_PATIENCE_MS = 2_500;

/**
 * Whether beats can reach us at all. A canary of our own travels the readers' way every second; while none comes back,
 * nobody's silence means anything. Pure: all times are the monotonic clock's, in ms.
 */
export class LineWatch {
  private heardAt: number | undefined;
  private open = false;

  /** A canary came back that was sent at `sentAt`. Says whether the line is open again from now on. */
  heard(sentAt: number, now: number): 'opened' | undefined {
    // One that waited longer than we do shows that the line was open then, not that it is open now.
    if (now - sentAt > CANARY_PATIENCE_MS) return undefined;
    const wasOpen = this.isOpen(now);
    this.heardAt = now;
    this.open = true;
    return wasOpen ? undefined : 'opened';
  }

  /**
   * When a beat that is handed to us at `now` counts as received. While the line is not known to be open it may have waited
   * with us, in a process that was paused: then nothing is sure but that it was sent before the line was last seen open.
   */
  receivedAt(now: number): number {
    return this.heardAt === undefined || this.isOpen(now) ? now : this.heardAt;
  }

  isOpen(now: number): boolean {
    if (this.heardAt === undefined || now - this.heardAt > CANARY_PATIENCE_MS) this.open = false;
    return this.open;
  }
}
