import type { ReaderQuery } from '@signalbox/contracts/http';
import type { ReaderEntry } from '@signalbox/contracts/streams';

/** The members that readers are counted by. */
export const FACETS = ['state', 'flapping', 'group', 'model', 'type', 'device'] as const;
export type Facet = (typeof FACETS)[number];

export type Filters = Pick<ReaderQuery, Facet | 'search'>;

/** Which facet's filter alone keeps a reader out; `none`: all let it through; `several`: it counts for no facet. */
export type KeptOutBy = Facet | 'none' | 'several';

/** Returns a function that says which filters keep a reader out. */
export function readerFilter({ state, flapping, group, model, type, device, search }: Filters) {
  const wanted = search?.toLowerCase();
  const tests: readonly (readonly [Facet, (reader: ReaderEntry) => boolean])[] = [
    ...(state === undefined ? [] : [['state', (reader: ReaderEntry) => state.includes(reader.state)] as const]),
    ...(flapping === undefined
      ? []
      : [['flapping', (reader: ReaderEntry) => (reader.flapping_since !== null) === (flapping === 'true')] as const]),
    ...(group === undefined
      ? []
      : [['group', (reader: ReaderEntry) => reader.consumer_groups.includes(group)] as const]),
    ...(model === undefined ? [] : [['model', (reader: ReaderEntry) => reader.model_name === model] as const]),
    ...(type === undefined ? [] : [['type', (reader: ReaderEntry) => reader.model_type === type] as const]),
    ...(device === undefined ? [] : [['device', (reader: ReaderEntry) => reader.device === device] as const]),
  ];
  return (reader: ReaderEntry): KeptOutBy => {
    if (wanted !== undefined && !isFound(reader, wanted)) return 'several';
    let by: KeptOutBy = 'none';
    for (const [facet, passes] of tests) {
      if (passes(reader)) continue;
      if (by !== 'none') return 'several';
      by = facet;
    }
    return by;
  };
}

const isFound = ({ reader_id: id, model_name: model }: ReaderEntry, wanted: string): boolean =>
  id.toLowerCase().includes(wanted) || model.toLowerCase().includes(wanted);
