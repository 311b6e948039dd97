import type { InferenceStatus, ReaderGroups } from '@signalbox/contracts/http';
import type { ReaderEntry } from '@signalbox/contracts/streams';
import type { JsonLists } from './json-lists.js';

/** The body of `GET /reader_groups` (contract: readers): a list of each group. */
export const readerGroupsBody = {
  add(groups: JsonLists, reader: ReaderEntry): void {
    if (reader.state === 'dead') return;
    const { reader_id, backend, model_name, model_type, pids } = reader;
    const shown = { reader_id, backend, model_name, model_type, pids, ready: reader.state === 'live' };
    const text = JSON.stringify(shown satisfies ReaderGroups[string][number]);
    for (const group of new Set(reader.consumer_groups)) groups.add(group, text);
  },

  *compose(groups: JsonLists): Generator<string | Buffer> {
    let before = '{';
    for (const group of groups.names()) {
      yield `${before}${JSON.stringify(group)}:[`;
      yield* groups.of(group);
      before = '],';
    }
    yield before === '{' ? '{}' : ']}';
  },
};

/** The body of `GET /inference/status` (contract: readers): members of two maps. */
export const inferenceStatusBody = {
  add(maps: JsonLists, { state, reader_id, consumer_groups, device, model_name, model_type }: ReaderEntry): void {
    if (state === 'loading') return;
    const shown = { consumer_groups, device, model_name, model_type, loras: null };
    const text = JSON.stringify(shown satisfies InferenceStatus['live_readers'][string]);
    maps.add(state, `${JSON.stringify(reader_id)}:${text}`);
  },

  *compose(maps: JsonLists): Generator<string | Buffer> {
    yield '{"dead_readers":{';
    yield* maps.of('dead');
    yield '},"live_readers":{';
    yield* maps.of('live');
    yield '},"ports":[]}';
  },
};
