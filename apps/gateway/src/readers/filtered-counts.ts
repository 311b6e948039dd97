import type { ReaderEntry } from '@signalbox/contracts/streams';
import { FacetCounts } from './facet-counts.rules.js';
import type { Derived } from './kept-readers.js';
import type { readerFilter } from './reader-filter.rules.js';

/** How many readers some filters let through, and by which members. */
export class FilteredCounts implements Derived {
  readonly facets = new FacetCounts();
  private passed = 0;

  constructor(private readonly keptOutBy: ReturnType<typeof readerFilter>) {}

  get total(): number {
    return this.passed;
  }

  get canFollow(): boolean {
    return this.facets.isComplete;
  }

  add(reader: ReaderEntry): void {
    const by = this.keptOutBy(reader);
    this.facets.add(reader, by);
    if (by === 'none') this.passed += 1;
  }

  remove(reader: ReaderEntry): void {
    const by = this.keptOutBy(reader);
    this.facets.remove(reader, by);
    if (by === 'none') this.passed -= 1;
  }
}
