/** Longer pieces are made in memory of their own. */
const BLOCK_BYTES = 64 * 1_024;
/** Unused blocks that are kept. */
const MOST_FREE = 32;

/**
 * Memory for pieces of bodies that are made for one answer and are sent at once. What each answer allocates outside the heap counts for V8 as what
 * the heap has grown by: a few bodies of several MB are enough for it to collect the whole heap.
 */
export class ByteBlocks {
  private readonly free: Buffer[] = [];
  private readonly lent = new WeakSet<ArrayBufferLike>();

  /** So many bytes with whatever was in them before. */
  take(length: number): Buffer {
    if (length > BLOCK_BYTES) return Buffer.allocUnsafeSlow(length);
    const block = this.free.pop() ?? Buffer.allocUnsafeSlow(BLOCK_BYTES);
    this.lent.add(block.buffer);
    return block.subarray(0, length);
  }

  /** Bytes that were taken, or a part of them, are used no more: others get the same memory. All else is ignored, and what never comes back is freed. */
  giveBack({ buffer }: Buffer): void {
    if (this.lent.delete(buffer) && this.free.length < MOST_FREE) this.free.push(Buffer.from(buffer));
  }
}
