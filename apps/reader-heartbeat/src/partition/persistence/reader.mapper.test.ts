import { expect, it } from 'vitest';
import { toReader, type StoredReader } from './reader.mapper.js';

it('reads a row of the previous release, which stores no backend, and places its times on the monotonic clock', () => {
  const row = {
    readerId: 'a',
    state: 'live',
    since: new Date(1_000),
    receivedAt: new Date(4_000),
    seq: '7',
    changes: [],
    flappingSince: null,
    profile: { consumerName: 'a' },
    digest: null,
  } as unknown as StoredReader;
  const reader = toReader(row, { unix: 5_000, monotonic: 500 });
  expect(reader).toMatchObject({
    profile: { consumerName: 'a', backend: null },
    since: { unix: 1_000, monotonic: -3_500 },
    receivedAt: { unix: 4_000, monotonic: -500 },
    seq: 7,
    configDigest: null,
  });
  expect(toReader({ ...row, digest: 'd' }, { unix: 5_000, monotonic: 500 }).configDigest).toBe('d');
});
