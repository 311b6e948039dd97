import type { CountsFor, ReaderKey } from '../senders/sender.js';
import { PatternIndex, type Patterned } from './pattern-index.rules.js';

/** The most readers that are known at a time. */
export interface ReaderLimits {
  readonly all: number;
  /** Of each key. */
  readonly perKey: number;
}

/** The readers that a pattern covers. Keys with the same pattern have the same ones. */
interface Group extends Patterned {
  readers: number;
  /** The last of its keys does, Unix ms. */
  expiresAt: number;
}

/**
 * Counts the known readers, all and those of each key, and says whether there is a place for another one. A reader is counted for each key
 * that covers it, whichever published it: so the number of a key's readers stays what it is when the key is rotated.
 */
export class ReaderPlaces {
  private total = 0;
  private groups: ReadonlyMap<string, Group> = new Map();
  private index = new PatternIndex<Group>([]);

  constructor(private readonly limits: ReaderLimits) {}

  /** Which limit leaves no place for a new reader; undefined: it has one. @param now Unix ms */
  fullFor(readerId: string, countsFor: CountsFor, now: number): keyof ReaderLimits | undefined {
    if (this.total >= this.limits.all) return 'all';
    const groups = this.groupsOf(readerId, countsFor, now);
    return groups.length > 0 && groups.every(({ readers }) => readers >= this.limits.perKey) ? 'perKey' : undefined;
  }

  added(readerId: string): void {
    this.total += 1;
    for (const group of this.index.covering(readerId)) group.readers += 1;
  }

  removed(readerId: string): void {
    this.total -= 1;
    for (const group of this.index.covering(readerId)) group.readers -= 1;
  }

  /** Replaces the keys. @param readerIds all that were added and not removed */
  setKeys(keys: Iterable<ReaderKey>, readerIds: Iterable<string>): void {
    const groups = new Map<string, Group>();
    const uncounted: Group[] = [];
    for (const { pattern, covers, expiresAt } of keys) {
      const group = groups.get(pattern) ?? {
        pattern,
        covers,
        expiresAt,
        readers: this.groups.get(pattern)?.readers ?? 0,
      };
      group.expiresAt = Math.max(group.expiresAt, expiresAt);
      if (!groups.has(pattern) && !this.groups.has(pattern)) uncounted.push(group);
      groups.set(pattern, group);
    }
    if (uncounted.length > 0) {
      const index = new PatternIndex(uncounted);
      for (const readerId of readerIds) for (const group of index.covering(readerId)) group.readers += 1;
    }
    this.groups = groups;
    this.index = new PatternIndex(groups.values());
  }

  private groupsOf(readerId: string, countsFor: CountsFor, now: number): readonly Group[] {
    if (countsFor === 'no-key') return [];
    if (countsFor === 'covering-keys') return this.index.covering(readerId).filter(({ expiresAt }) => expiresAt > now);
    const group = this.groups.get(countsFor.pattern);
    return group === undefined ? [] : [group];
  }
}
