import { MOST_FACET_VALUES, type ReaderCounts } from '@signalbox/contracts/http';
import type { ReaderEntry } from '@signalbox/contracts/streams';
import type { Facet, KeptOutBy } from './reader-filter.rules.js';

/** Counts readers by their members. */
export class FacetCounts {
  private readonly state = { loading: 0, live: 0, dead: 0 };
  private flapping = 0;
  private readonly group = new Map<string, number>();
  private readonly model = new Map<string, number>();
  private readonly type = new Map<string, number>();
  private readonly device = new Map<string, number>();

  /** A reader counts for a facet where no filter but that of the facet keeps it out. */
  add(reader: ReaderEntry, keptOutBy: KeptOutBy): void {
    if (keptOutBy === 'several') return;
    const counts = (facet: Facet): boolean => keptOutBy === 'none' || keptOutBy === facet;
    if (counts('state')) this.state[reader.state] += 1;
    if (counts('flapping') && reader.flapping_since !== null) this.flapping += 1;
    if (counts('group')) for (const group of new Set(reader.consumer_groups)) increase(this.group, group);
    if (counts('model')) increase(this.model, reader.model_name);
    if (counts('type')) increase(this.type, reader.model_type);
    if (counts('device')) increase(this.device, reader.device);
  }

  result(): ReaderCounts {
    const { state, flapping, group, model, type, device } = this;
    return {
      state,
      flapping,
      group: mostFrequent(group),
      model: mostFrequent(model),
      type: mostFrequent(type),
      device: mostFrequent(device),
    };
  }
}

function increase(counts: Map<string, number>, value: string): void {
  counts.set(value, (counts.get(value) ?? 0) + 1);
}

function mostFrequent(counts: ReadonlyMap<string, number>): ReaderCounts['group'] {
  const all = Array.from(counts, ([value, readers]) => ({ value, readers }));
  const values = all
    .toSorted((a, b) => b.readers - a.readers || (a.value < b.value ? -1 : 1))
    .slice(0, MOST_FACET_VALUES);
  return { values, others: all.length - values.length };
}
