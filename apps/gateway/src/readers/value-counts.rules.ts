import { MOST_FACET_VALUES, type ReaderCounts } from '@signalbox/contracts/http';
import { FirstOnes } from './first-ones.rules.js';

/** Readers choose their members: each may name a hundred groups that no other one is in. */
const MOST_COUNTED = 10_000;

type Counted = ReaderCounts['group']['values'][number];

/** How many readers have each value of a member. */
export class ValueCounts {
  private readonly counts = new Map<string, number>();
  private hasAll = true;

  /** False from the first value on that was not counted. */
  get isComplete(): boolean {
    return this.hasAll;
  }

  /** A value that is new when so many are counted is not counted. */
  count(value: string, by: 1 | -1): void {
    const { counts } = this;
    const readers = (counts.get(value) ?? 0) + by;
    if (readers === 0) counts.delete(value);
    else if (counts.size < MOST_COUNTED || counts.has(value)) counts.set(value, readers);
    else this.hasAll = false;
  }

  mostFrequent(): ReaderCounts['group'] {
    const most = new FirstOnes<Counted>(
      MOST_FACET_VALUES,
      (a, b) => b.readers - a.readers || (a.value < b.value ? -1 : 1),
    );
    for (const [value, readers] of this.counts) most.add({ value, readers });
    const values = [...most.result()];
    return { values, others: this.counts.size - values.length };
  }
}
