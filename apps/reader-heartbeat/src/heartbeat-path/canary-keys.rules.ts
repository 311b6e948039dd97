/** Canaries of a key that may be missing before it is taken for one of another partition. */
const MISSING = 2;

interface KnownKey {
  readonly key: string;
  /** Sent since one returned. */
  unreturned: number;
}

/**
 * The routing key of the canaries of each partition. The broker spreads keys by a hash that only it knows, so that keys are found by probing: a
 * random key is one of the partition in which its canary arrives.
 */
export class CanaryKeys {
  /** Undefined: none is known. */
  private readonly keys = new Map<number, KnownKey | undefined>();

  /** @param newKey random, each time another one */
  constructor(private readonly newKey: () => string) {}

  /** Canaries are sent through a partition from now on. */
  join(partition: number): void {
    this.keys.set(partition, undefined);
  }

  leave(partition: number): void {
    this.keys.delete(partition);
  }

  /** A canary of ours with this key arrived in this partition. */
  returned(partition: number, key: string): void {
    for (const [other, known] of this.keys)
      if (other !== partition && known?.key === key) this.keys.set(other, undefined);
    if (!this.keys.has(partition)) return;
    const known = this.keys.get(partition);
    // The first key stays, of several that were probed.
    if (known === undefined || known.unreturned > MISSING) this.keys.set(partition, { key, unreturned: 0 });
    else if (known.key === key) known.unreturned = 0;
  }

  /** Those for one canary through each partition. @param count how many partitions there are */
  toSend(count: number): string[] {
    const known = [...this.keys.values()].filter((each) => each !== undefined);
    for (const each of known) each.unreturned += 1;
    const missing = this.keys.size - known.filter(({ unreturned }) => unreturned <= MISSING).length;
    return [...known.map(({ key }) => key), ...(missing > 0 ? this.probes(count) : [])];
  }

  /** Those for one canary through this partition. */
  toSendThrough(partition: number, count: number): string[] {
    const known = this.keys.get(partition);
    return known === undefined ? this.probes(count) : [known.key];
  }

  /** With one partition any key is right. Else one of them misses a partition in 1 of 50 tries; a second later is the next. */
  private probes(count: number): string[] {
    return Array.from({ length: count === 1 ? 1 : 4 * count }, this.newKey);
  }
}
