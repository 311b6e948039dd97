import { describe, expect, it } from 'vitest';
import { deliveryGroups } from './delivery-groups.rules.js';

const delivery = (arrivedAt: number, bytes: number) => ({ arrivedAt, content: Buffer.alloc(bytes) });
const sizes = (batch: ReturnType<typeof delivery>[]) => Array.from(deliveryGroups(batch), ({ length }) => length);

describe('what is handled in one turn of the event loop', () => {
  it('is a batch of small messages that arrived together', () => {
    const batch = Array.from({ length: 256 }, () => delivery(1_000, 240));
    expect([...deliveryGroups(batch)]).toEqual([batch]);
  });

  it('is no more than 256 KiB, except where one message is larger', () => {
    const large = 100 * 1_024;
    expect(sizes([delivery(0, large), delivery(0, large), delivery(0, large), delivery(0, 1)])).toEqual([2, 2]);
    expect(sizes([delivery(0, 9 * large), delivery(0, 1), delivery(0, 9 * large)])).toEqual([1, 1, 1]);
  });

  it('arrived within 100 ms', () => {
    expect(sizes([delivery(0, 1), delivery(100, 1), delivery(101, 1), delivery(300, 1)])).toEqual([2, 1, 1]);
  });

  it('is everything, in order', () => {
    const batch = Array.from({ length: 500 }, (_, at) => delivery(at * 7, at * 100));
    expect([...deliveryGroups(batch)].flat()).toEqual(batch);
  });
});
