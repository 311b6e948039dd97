import { expect, it } from 'vitest';
import { ByteBlocks } from './byte-blocks.js';

it('gives memory again that was given back, once, to pieces of about its size', () => {
  const blocks = new ByteBlocks();
  const first = blocks.take(20_000);
  const second = blocks.take(20_000);
  expect(second.buffer).not.toBe(first.buffer);
  blocks.giveBack(first.subarray(1));
  blocks.giveBack(first);
  expect(blocks.take(40_000).buffer).not.toBe(first.buffer);
  const third = blocks.take(32_768);
  expect([third.buffer === first.buffer, third.length]).toEqual([true, 32_768]);
  expect(blocks.take(20_000).buffer).not.toBe(first.buffer);
});

it('keeps nothing that it has not given, nothing that is very long, and 2 MiB at most', () => {
  const blocks = new ByteBlocks();
  const [foreign, long] = [Buffer.alloc(16_384), blocks.take(300_000)];
  blocks.giveBack(foreign);
  blocks.giveBack(long);
  expect(long).toHaveLength(300_000);
  expect([foreign.buffer, long.buffer]).not.toContain(blocks.take(10).buffer);
  const taken = Array.from({ length: 10 }, () => blocks.take(256 * 1_024));
  for (const each of taken) blocks.giveBack(each);
  const again = new Set(Array.from({ length: 10 }, () => blocks.take(256 * 1_024).buffer));
  expect(taken.filter(({ buffer }) => again.has(buffer))).toHaveLength(8);
});
