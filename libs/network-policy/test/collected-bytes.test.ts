import { expect, it } from 'vitest';
import { CollectedBytes } from '../src/collected-bytes.js';

it('keeps pieces of one byte in as much memory as a large one', () => {
  const collected = new CollectedBytes();
  const received = Buffer.from('0123456789'.repeat(10_000));
  for (let at = 0; at < received.length; at += 1) collected.add(received.subarray(at, at + 1));
  expect(collected.size).toBe(received.length);
  expect(collected.bytes().equals(received)).toBe(true);
  expect(collected.capacity).toBeLessThanOrEqual(2 * 65_536);
});

it('is empty, or what one large piece is', () => {
  const collected = new CollectedBytes();
  expect(collected.bytes()).toHaveLength(0);
  const large = Buffer.alloc(100_000, 'x');
  collected.add(large);
  collected.add(Buffer.from('y'));
  expect(collected.bytes().equals(Buffer.concat([large, Buffer.from('y')]))).toBe(true);
});
