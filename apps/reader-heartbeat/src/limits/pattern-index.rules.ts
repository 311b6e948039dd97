/** Something that belongs to the readers of a pattern. */
export interface Patterned {
  readonly pattern: string;
  readonly covers: (readerId: string) => boolean;
}

/**
 * Finds the patterns that cover a reader by the text before their first `*`. The effort does not grow with their number, only with the
 * number of patterns that have the same such text, and of different lengths of it.
 */
export class PatternIndex<Item extends Patterned> {
  private readonly byPrefix = new Map<string, Item[]>();
  private readonly lengths: readonly number[];

  constructor(items: Iterable<Item>) {
    for (const item of items) {
      const prefix = item.pattern.split('*', 1)[0]!;
      const others = this.byPrefix.get(prefix);
      if (others === undefined) this.byPrefix.set(prefix, [item]);
      else others.push(item);
    }
    this.lengths = [...new Set([...this.byPrefix.keys()].map(({ length }) => length))];
  }

  covering(readerId: string): Item[] {
    const found: Item[] = [];
    for (const length of this.lengths) {
      if (length > readerId.length) continue;
      for (const item of this.byPrefix.get(readerId.slice(0, length)) ?? [])
        if (item.covers(readerId)) found.push(item);
    }
    return found;
  }
}
