import type { ReaderInfo } from '@signalbox/contracts/http';
import type { ReaderEntry } from '@signalbox/contracts/streams';

/** A reader in the map of its state in `GET /status` (document: reader-status). */
export const presentReader = (entry: ReaderEntry): ReaderInfo => ({
  consumer_groups: entry.consumer_groups,
  consumer_name: entry.consumer_name,
  device: entry.device,
  model_name: entry.model_name,
  model_type: entry.model_type,
  pids: entry.pids,
});

/** `reserved_consumers` of `status`: `a, b` → `['a', 'b']` */
export const presentReservedConsumers = (groups: string): string[] =>
  groups
    .split(',')
    .map((group) => group.trim())
    .filter((group) => group !== '');
