import type { AppConfig, ReaderInfo, ReadersStatus, ReaderStatus } from '@signalbox/contracts/http';
import type { ReaderState } from '@signalbox/contracts/streams';
import { emptyMap } from './empty-map.js';
import type { ReaderRecord } from './readers.view.js';
import { shownTime } from './shown-time.rules.js';

type ReaderMaps = Record<ReaderState, Record<string, ReaderInfo>>;

/** The body of `GET /status` (document: reader-status). `readers` is null before the first snapshot. */
export function presentReaderStatus(config: AppConfig, readers: Iterable<ReaderRecord> | null): ReaderStatus {
  return { config, status: readers === null ? null : presentReaders(readers, config.reserved_consumers) };
}

function presentReaders(readers: Iterable<ReaderRecord>, reservedConsumers: string): ReadersStatus {
  const maps: ReaderMaps = { loading: emptyMap(), live: emptyMap(), dead: emptyMap() };
  const lastHeartbeat = emptyMap<ReadersStatus['last_heartbeat'][string]>();
  for (const { entry, receivedAt } of readers) {
    maps[entry.state][entry.reader_id] = {
      consumer_groups: entry.consumer_groups,
      consumer_name: entry.consumer_name,
      device: entry.device,
      model_name: entry.model_name,
      model_type: entry.model_type,
      pids: entry.pids,
    };
    lastHeartbeat[entry.reader_id] = {
      heartbeat_timestamp: shownTime(receivedAt),
      heartbeat_wait_interval: entry.heartbeat_wait_interval,
    };
  }
  return {
    dead_readers: maps.dead,
    last_heartbeat: lastHeartbeat,
    live_readers: maps.live,
    loading_readers: maps.loading,
    reserved_consumers: splitGroups(reservedConsumers),
  };
}

/** `a, b` → `['a', 'b']` */
function splitGroups(groups: string): string[] {
  return groups
    .split(',')
    .map((group) => group.trim())
    .filter((group) => group !== '');
}
