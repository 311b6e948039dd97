import { askedBy, type RunCommand } from '@signalbox/contracts/messages';

export const BY = askedBy.parse({ key_id: 'key', request_id: 'req_1', address: '127.0.0.1' });

export const run: RunCommand = {
  operation_id: 'op-0123456789',
  dataplane: 'main',
  request: { kind: 'hash-tree', path: 'data' },
  requested_at: 1_000,
  by: BY,
};
