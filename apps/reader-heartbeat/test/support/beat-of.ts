import type { Beat } from '../../src/liveness/beat.js';
import type { ReaderProfile } from '../../src/liveness/reader.js';

/** A decoded heartbeat with every member; `over` changes some of its description. */
export const beatOf = (readerId: string, seq: number, over: Partial<ReaderProfile> = {}): Beat => {
  const names = { consumerName: readerId, modelName: 'm', modelType: 'chat', device: 'cpu', backend: null };
  const profile = { ...names, consumerGroups: ['primary'], pids: [7], waitInterval: 1, ...over };
  return { readerId, state: 'ready', bootId: 'boot', seq, profile, sentAt: null, config: null, countsFor: 'no-key' };
};
