import type { ReaderProfile } from '../liveness/reader.js';

/** Different ones that are kept. Publishers can make up any number. */
const MOST = 1_000;

const texts = new Map<string, string>();
const lists = new Map<string, string[]>();

/** The same description, with one copy of what many readers have in common: each JSON text that is read gives copies of its own. */
export function sharedProfile(profile: ReaderProfile, readerId: string): ReaderProfile {
  const { consumerName, consumerGroups, modelName, modelType, device, backend } = profile;
  return {
    ...profile,
    consumerName: consumerName === readerId ? readerId : consumerName,
    // No name of a group has a line break.
    consumerGroups: kept(lists, consumerGroups.join('\n'), consumerGroups),
    modelName: kept(texts, modelName, modelName),
    modelType: kept(texts, modelType, modelType),
    device: kept(texts, device, device),
    backend: backend === null ? null : kept(texts, backend, backend),
  };
}

/** The value that came first with this key. */
function kept<Value>(values: Map<string, Value>, key: string, value: Value): Value {
  const first = values.get(key);
  if (first !== undefined) return first;
  if (values.size >= MOST) values.clear();
  values.set(key, value);
  return value;
}
