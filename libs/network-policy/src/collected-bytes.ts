const BLOCK_BYTES = 65_536;

/** Bytes that arrive in pieces, in blocks: a piece of one byte would take a hundred by itself, and keep all that was received together with it. */
export class CollectedBytes {
  private readonly blocks: Buffer[] = [];
  /** Of the last block. */
  private free = 0;
  private count = 0;

  get size(): number {
    return this.count;
  }

  /** What the pieces take. */
  get capacity(): number {
    return this.blocks.length * BLOCK_BYTES;
  }

  add(piece: Buffer): void {
    let copied = 0;
    while (copied < piece.length) {
      if (this.free === 0) {
        this.blocks.push(Buffer.alloc(BLOCK_BYTES));
        this.free = BLOCK_BYTES;
      }
      const bytes = piece.copy(this.blocks[this.blocks.length - 1]!, BLOCK_BYTES - this.free, copied);
      this.free -= bytes;
      copied += bytes;
    }
    this.count += copied;
  }

  bytes(): Buffer {
    return Buffer.concat(this.blocks, this.count);
  }
}
