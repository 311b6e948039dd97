/** Longer pieces are made in memory of their own. */
const MOST_BYTES = 256 * 1_024;
const LEAST_BYTES = 16 * 1_024;
/** Of unused blocks that are kept. */
const MOST_FREE_BYTES = 2 * 1_024 * 1_024;

/**
 * Memory for pieces of bodies that are made for one answer and are sent at once. What each answer allocates outside the heap counts for V8 as what
 * the heap has grown by: a few bodies of several MB are enough for it to collect the whole heap.
 */
export class ByteBlocks {
  /** By size, which is a power of two. */
  private readonly free = new Map<number, ArrayBufferLike[]>();
  private freeBytes = 0;
  private readonly lent = new WeakSet<ArrayBufferLike>();

  /** So many bytes with whatever was in them before. */
  take(length: number): Buffer {
    if (length > MOST_BYTES) return Buffer.allocUnsafeSlow(length);
    const size = Math.max(LEAST_BYTES, 2 ** Math.ceil(Math.log2(length)));
    let block = this.free.get(size)?.pop();
    if (block === undefined) block = Buffer.allocUnsafeSlow(size).buffer;
    else this.freeBytes -= size;
    this.lent.add(block);
    return Buffer.from(block, 0, length);
  }

  /** Bytes that were taken, or a part of them, are used no more: others get the same memory. All else is ignored, and what never comes back is freed. */
  giveBack({ buffer: block }: Buffer): void {
    const size = block.byteLength;
    if (!this.lent.delete(block) || this.freeBytes + size > MOST_FREE_BYTES) return;
    this.freeBytes += size;
    const others = this.free.get(size);
    if (others === undefined) this.free.set(size, [block]);
    else others.push(block);
  }
}
