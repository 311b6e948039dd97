import { expect, it } from 'vitest';
import { readerEntry } from './readers-stream.js';

it('reads an entry of the previous release, which says neither since when a reader flaps nor what runs its model', () => {
  const entry = {
    reader_id: 'a',
    state: 'live',
    consumer_name: 'a',
    consumer_groups: [],
    model_name: 'm',
    model_type: 'chat',
    device: 'cpu',
    pids: [],
    heartbeat_wait_interval: 10,
    received_at: 1,
    since: 1,
    boot_id: null,
  };
  expect(readerEntry.parse(entry)).toEqual({ ...entry, flapping_since: null, backend: null });
});
