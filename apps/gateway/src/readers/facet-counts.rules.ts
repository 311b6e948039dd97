import { MOST_FACET_VALUES, type ReaderCounts } from '@signalbox/contracts/http';
import type { ReaderEntry } from '@signalbox/contracts/streams';
import { FirstOnes } from './first-ones.rules.js';
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
    if (counts('group')) for (const group of distinct(reader.consumer_groups)) increase(this.group, group);
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

/** Readers choose their members: each may name a hundred groups that no other one is in. */
const MOST_COUNTED = 10_000;

/** A value that is new when so many are counted is not counted. */
function increase(counts: Map<string, number>, value: string): void {
  const known = counts.get(value);
  if (known !== undefined) counts.set(value, known + 1);
  else if (counts.size < MOST_COUNTED) counts.set(value, 1);
}

/** A set for each of a hundred thousand readers would take most of the time; most have one group. */
const distinct = (groups: readonly string[]): Iterable<string> => (groups.length < 2 ? groups : new Set(groups));

function mostFrequent(counts: ReadonlyMap<string, number>): ReaderCounts['group'] {
  type Counted = ReaderCounts['group']['values'][number];
  const most = new FirstOnes<Counted>(
    MOST_FACET_VALUES,
    (a, b) => b.readers - a.readers || (a.value < b.value ? -1 : 1),
  );
  for (const [value, readers] of counts) most.add({ value, readers });
  const values = [...most.result()];
  return { values, others: counts.size - values.length };
}
