import type { ReaderCounts } from '@signalbox/contracts/http';
import type { ReaderEntry } from '@signalbox/contracts/streams';
import type { Facet, KeptOutBy } from './reader-filter.rules.js';
import { ValueCounts } from './value-counts.rules.js';

/** Counts readers by their members. */
export class FacetCounts {
  private readonly state = { loading: 0, live: 0, dead: 0 };
  private flapping = 0;
  private readonly group = new ValueCounts();
  private readonly model = new ValueCounts();
  private readonly type = new ValueCounts();
  private readonly device = new ValueCounts();

  /** Whether every value is counted, so that a reader can be removed. */
  get isComplete(): boolean {
    return [this.group, this.model, this.type, this.device].every(({ isComplete }) => isComplete);
  }

  /** A reader counts for a facet where no filter but that of the facet keeps it out. */
  add(reader: ReaderEntry, keptOutBy: KeptOutBy): void {
    this.count(reader, keptOutBy, 1);
  }

  /** A reader that was added. */
  remove(reader: ReaderEntry, keptOutBy: KeptOutBy): void {
    this.count(reader, keptOutBy, -1);
  }

  result(): ReaderCounts {
    const { state, flapping, group, model, type, device } = this;
    return {
      state: { ...state },
      flapping,
      group: group.mostFrequent(),
      model: model.mostFrequent(),
      type: type.mostFrequent(),
      device: device.mostFrequent(),
    };
  }

  private count(reader: ReaderEntry, keptOutBy: KeptOutBy, by: 1 | -1): void {
    if (keptOutBy === 'several') return;
    const counts = (facet: Facet): boolean => keptOutBy === 'none' || keptOutBy === facet;
    if (counts('state')) this.state[reader.state] += by;
    if (counts('flapping') && reader.flapping_since !== null) this.flapping += by;
    if (counts('group')) for (const group of distinct(reader.consumer_groups)) this.group.count(group, by);
    if (counts('model')) this.model.count(reader.model_name, by);
    if (counts('type')) this.type.count(reader.model_type, by);
    if (counts('device')) this.device.count(reader.device, by);
  }
}

/** A set for each of a hundred thousand readers would take most of the time; most have one group. */
const distinct = (groups: readonly string[]): Iterable<string> => (groups.length < 2 ? groups : new Set(groups));
