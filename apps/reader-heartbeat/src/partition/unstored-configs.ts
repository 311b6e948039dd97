import type { Reader } from '../liveness/reader.js';
import type { ReaderRepository, UnstoredConfig } from './persistence/reader.repository.js';

/** Of one statement. */
const MOST_ROWS = 1_000;
const MOST_CHARACTERS = 4_194_304;

export interface ConfigStore {
  readonly partition: number;
  readonly epoch: number;
  readonly repository: Pick<ReaderRepository, 'saveConfigs'>;
}

/** Stores the configurations of readers that are not stored yet, in bounded statements. Readers that have none to store cost a look. */
export async function storeConfigs(readers: readonly Reader[], store: ConfigStore): Promise<void> {
  const unstored = readers.filter(({ unstoredConfig }) => unstoredConfig !== undefined);
  for (let from = 0; from < unstored.length;) {
    const some = bounded(unstored, from);
    from += some.length;
    await storeSome(some, store);
  }
}

async function storeSome(readers: readonly Reader[], { partition, epoch, repository }: ConfigStore): Promise<void> {
  const configs = readers.map(({ readerId, configDigest, unstoredConfig }): UnstoredConfig => {
    return { readerId, digest: configDigest ?? '', json: unstoredConfig ?? null };
  });
  await repository.saveConfigs(partition, epoch, configs);
  for (const [at, reader] of readers.entries())
    // Another one may have been sent meanwhile.
    if (reader.unstoredConfig === configs[at]!.json) reader.unstoredConfig = undefined;
}

function bounded(readers: readonly Reader[], from: number): Reader[] {
  let characters = 0;
  let to = from;
  while (to < readers.length && to - from < MOST_ROWS && (to === from || characters < MOST_CHARACTERS)) {
    characters += readers[to]!.unstoredConfig?.length ?? 0;
    to += 1;
  }
  return readers.slice(from, to);
}
