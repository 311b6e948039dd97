import type { CountsFor, ReaderKey } from '../senders/sender.js';
import { PatternIndex, type Patterned } from './pattern-index.rules.js';

/** The most readers that are known at a time; one with a long description counts as several: see `placesOf`. */
export interface ReaderLimits {
  readonly all: number;
  /** Of each key. */
  readonly perKey: number;
}

/** The readers that a pattern covers. Keys with the same pattern have the same ones. */
interface Group extends Patterned {
  places: number;
  /** The last of its keys does, Unix ms. */
  expiresAt: number;
}

/**
 * Counts the places of the known readers, of all and of each key, and says whether there are any for another one. A reader is counted for each key
 * that covers it, whichever published it: so the number of a key's readers stays what it is when the key is rotated.
 */
export class ReaderPlaces {
  private total = 0;
  private groups: ReadonlyMap<string, Group> = new Map();
  private index = new PatternIndex<Group>([]);

  constructor(private readonly limits: ReaderLimits) {}

  /**
   * Which limit leaves no place for a new reader, or no further ones for a known one; undefined: it has them.
   * @param now Unix ms @param places that it needs besides those it has
   */
  fullFor(readerId: string, countsFor: CountsFor, now: number, places = 1): keyof ReaderLimits | undefined {
    const { all, perKey } = this.limits;
    if (this.total + places > all) return 'all';
    const groups = this.groupsOf(readerId, countsFor, now);
    return groups.length > 0 && groups.every((group) => group.places + places > perKey) ? 'perKey' : undefined;
  }

  /** A reader is known, or needs more places; fewer where they are negative. */
  added(readerId: string, places = 1): void {
    this.total += places;
    for (const group of this.index.covering(readerId)) group.places += places;
  }

  removed(readerId: string, places = 1): void {
    this.added(readerId, -places);
  }

  /** Replaces the keys. @param readers all that were added and not removed, with their places */
  setKeys(keys: Iterable<ReaderKey>, readers: Iterable<readonly [readerId: string, places: number]>): void {
    const groups = new Map<string, Group>();
    const uncounted: Group[] = [];
    for (const { pattern, covers, expiresAt } of keys) {
      const group = groups.get(pattern) ?? {
        pattern,
        covers,
        expiresAt,
        places: this.groups.get(pattern)?.places ?? 0,
      };
      group.expiresAt = Math.max(group.expiresAt, expiresAt);
      if (!groups.has(pattern) && !this.groups.has(pattern)) uncounted.push(group);
      groups.set(pattern, group);
    }
    if (uncounted.length > 0) {
      const index = new PatternIndex(uncounted);
      for (const [readerId, places] of readers) for (const group of index.covering(readerId)) group.places += places;
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
