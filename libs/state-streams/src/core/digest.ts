const WORD = 2 ** 32;

/**
 * Owners and replicas compare their digests instead of their contents. A digest is the sum, modulo 2^64, of one hash
 * for each (key, version) pair. A sum does not depend on order and is updated entry by entry, so it is never computed
 * over the whole content. It finds faults, not forgeries: the hash is fast and not cryptographic.
 */
export class StreamDigest {
  private high = 0;
  private low = 0;

  /** Adds an entry that was not counted before. */
  add(key: string, version: number): void {
    this.count(key, version, 1);
  }

  /** Removes an entry that was added with exactly this version. */
  remove(key: string, version: number): void {
    this.count(key, version, -1);
  }

  /** The digest as it travels in a beacon: 16 lower-case hex digits. */
  toString(): string {
    return hex(this.high) + hex(this.low);
  }

  /**
   * Two 32-bit lanes, because a 64-bit product needs BigInt, which is many times slower. The key's length is hashed
   * first and the version last, so that no key can be confused with a version.
   */
  private count(key: string, version: number, sign: 1 | -1): void {
    let a = 0x9e3779b9 ^ key.length;
    let b = 0x41c6ce57 ^ key.length;
    for (let at = 0; at < key.length; at += 1) {
      const unit = key.charCodeAt(at);
      a = Math.imul(a ^ unit, 0x9e3779b1);
      b = Math.imul(b ^ unit, 0x5f356495);
    }
    for (const word of [version >>> 0, Math.floor(version / WORD)]) {
      a = Math.imul(a ^ word ^ (a >>> 15), 0x85ebca77);
      b = Math.imul(b ^ word ^ (b >>> 15), 0xc2b2ae3d);
    }
    a = Math.imul(a ^ (a >>> 16), 0x85ebca6b) ^ Math.imul(b ^ (b >>> 13), 0xc2b2ae35);
    b = Math.imul(b ^ (b >>> 16), 0x85ebca6b) ^ Math.imul(a ^ (a >>> 13), 0xc2b2ae35);

    const low = this.low + sign * (a >>> 0);
    const carry = Math.floor(low / WORD);
    this.low = low >>> 0;
    this.high = (this.high + sign * (b >>> 0) + carry) >>> 0;
  }
}

function hex(word: number): string {
  return word.toString(16).padStart(8, '0');
}
