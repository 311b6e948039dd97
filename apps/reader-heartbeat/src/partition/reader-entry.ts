import type { ReaderEntry } from '@signalbox/contracts/streams';
import type { Reader } from '../liveness/reader.js';

/** The stream entry of a reader; null for a deregistered one, which is not published. */
export function toReaderEntry(reader: Reader): ReaderEntry | null {
  if (reader.state === 'gone') return null;
  const { profile } = reader;
  return {
    reader_id: reader.readerId,
    state: reader.state,
    consumer_name: profile.consumerName,
    consumer_groups: profile.consumerGroups,
    model_name: profile.modelName,
    model_type: profile.modelType,
    device: profile.device,
    pids: profile.pids,
    heartbeat_wait_interval: profile.waitInterval,
    received_at: reader.receivedAt.unix,
    since: reader.since.unix,
    boot_id: reader.bootId,
    backend: null,
    flapping_since: reader.flappingSince?.unix ?? null,
  };
}
