/** What slow clients may keep in memory beside the current version of a body. */
export const MOST_HELD_BYTES = 128 * 1_024 * 1_024;

interface Hold {
  /** What had been replaced when it began. */
  readonly since: number;
  readonly cut: () => void;
}

/**
 * The answers that are being sent piece by piece. Each keeps its version in memory, which shares most bytes with the current one: what was replaced
 * since the oldest of them began is all that they keep. Above the bound the oldest are cut off.
 */
export class HeldBytes {
  private replacedBytes = 0;
  /** The oldest first. */
  private readonly holds = new Set<Hold>();

  constructor(private readonly most = MOST_HELD_BYTES) {}

  /** A version was replaced: so many bytes are only in it. */
  replaced(bytes: number): void {
    this.replacedBytes += bytes;
    for (const hold of this.holds) {
      if (this.replacedBytes - hold.since <= this.most) return;
      this.holds.delete(hold);
      hold.cut();
    }
  }

  /** For as long as an answer of the current version is being sent. Returns how to end that. */
  hold(cut: () => void): () => void {
    const hold = { since: this.replacedBytes, cut };
    this.holds.add(hold);
    return () => void this.holds.delete(hold);
  }
}
