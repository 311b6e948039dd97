import { readerInfo } from '@signalbox/contracts/http';
import { expect, it } from 'vitest';
import { presentReader, presentReservedConsumers } from './reader-status.presenter.js';

it('shows nothing of a reader beyond the documented members', () => {
  const entry = {
    reader_id: 'a',
    state: 'live' as const,
    consumer_name: 'a',
    consumer_groups: ['primary'],
    model_name: 'm',
    model_type: 'chat',
    device: 'cpu',
    pids: [1],
    heartbeat_wait_interval: 10,
    received_at: 1,
    since: 1,
    boot_id: 'secret-incarnation',
    backend: null,
    flapping_since: null,
  };
  const shown = presentReader(entry);
  expect(readerInfo.strict().parse(shown)).toEqual(shown);
});

it('lists the reserved consumers', () => {
  expect(presentReservedConsumers(' primary, batch ,,')).toEqual(['primary', 'batch']);
  expect(presentReservedConsumers('')).toEqual([]);
});
