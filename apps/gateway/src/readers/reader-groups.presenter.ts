import type { InferenceStatus, ReaderGroups } from '@signalbox/contracts/http';
import type { ReaderEntry } from '@signalbox/contracts/streams';
import { emptyMap } from './empty-map.js';

/** The body of `GET /reader_groups` (contract: readers). */
export function presentReaderGroups(readers: Iterable<ReaderEntry>): ReaderGroups {
  const groups = emptyMap<ReaderGroups[string]>();
  for (const reader of readers) {
    if (reader.state === 'dead') continue;
    const { reader_id, model_name, model_type, pids } = reader;
    const shown = { reader_id, backend: reader.backend, model_name, model_type, pids, ready: reader.state === 'live' };
    for (const group of new Set(reader.consumer_groups)) (groups[group] ??= []).push(shown);
  }
  return groups;
}

/** The body of `GET /inference/status` (contract: readers). */
export function presentInferenceStatus(readers: Iterable<ReaderEntry>): InferenceStatus {
  const maps = {
    live: emptyMap<InferenceStatus['live_readers'][string]>(),
    dead: emptyMap<InferenceStatus['dead_readers'][string]>(),
  };
  for (const { state, reader_id, consumer_groups, device, model_name, model_type } of readers)
    if (state !== 'loading') maps[state][reader_id] = { consumer_groups, device, model_name, model_type, loras: null };
  return { dead_readers: maps.dead, live_readers: maps.live, ports: [] };
}
