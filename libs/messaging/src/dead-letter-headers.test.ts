import { expect, it } from 'vitest';

import type { RawDelivery } from './delivery.js';
import type { DeadLetterOptions } from './options.js';
import { deadLetterHeaders, shortString } from './dead-letter-headers.js';

const source: RawDelivery = {
  content: Buffer.alloc(0),
  contentType: undefined,
  contentEncoding: undefined,
  messageId: undefined,
  type: undefined,
  correlationId: undefined,
  replyTo: undefined,
  sender: undefined,
  user: undefined,
  queue: 'q',
  exchange: 'e',
  routingKey: 'k',
  headers: { traceparent: '00-1', 'x-reason': 'forged', CC: ['other'], table: { a: 1 }, long: 'x'.repeat(300), n: 1 },
  redelivered: false,
  tries: 1,
  arrivedAt: 0,
};

it('says what, where and when, and keeps only small plain headers of the sender', () => {
  expect(deadLetterHeaders({ reason: 'r', detail: 'd'.repeat(2_000), source }, new Date(0))).toEqual({
    traceparent: '00-1',
    n: 1,
    'x-reason': 'r',
    'x-detail': 'd'.repeat(1_000),
    'x-source-queue': 'q',
    'x-source-exchange': 'e',
    'x-source-routing-key': 'k',
    'x-tries': 1,
    'x-parked-at': '1970-01-01T00:00:00.000Z',
  });
});

it('names the sender, where it is known, as the caller knows it or as the message says', () => {
  const signed = { ...source, sender: 'readers' };
  const senderOf = (given: Pick<DeadLetterOptions, 'source' | 'sender'>) =>
    deadLetterHeaders({ reason: 'r', detail: 'd', ...given }, new Date(0))['x-sender'];
  expect(senderOf({ source: signed })).toBe('readers');
  expect(senderOf({ source: signed, sender: 'llama-0' })).toBe('llama-0');
  expect(senderOf({ source: signed, sender: undefined })).toBe('readers');
  expect(senderOf({ source })).toBeUndefined();
});

it('cuts short strings by bytes, at a whole character', () => {
  expect(shortString('a'.repeat(255))).toHaveLength(255);
  const cut = shortString('ä\uFFFD€'.repeat(100));
  expect(Buffer.byteLength(cut)).toBeLessThanOrEqual(255);
  expect('ä\uFFFD€'.repeat(100).startsWith(cut)).toBe(true);
});
