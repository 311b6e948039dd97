import { expect, it } from 'vitest';
import { ByteBlocks } from './byte-blocks.js';

it('gives memory again that was given back, once', () => {
  const blocks = new ByteBlocks();
  const first = blocks.take(10);
  const second = blocks.take(10);
  expect(second.buffer).not.toBe(first.buffer);
  blocks.giveBack(first.subarray(1));
  blocks.giveBack(first);
  const third = blocks.take(20);
  expect([third.buffer === first.buffer, third.length]).toEqual([true, 20]);
  expect(blocks.take(10).buffer).not.toBe(first.buffer);
});

it('keeps nothing that it has not given, and nothing that is longer than a block', () => {
  const blocks = new ByteBlocks();
  const [foreign, long] = [Buffer.alloc(10), blocks.take(100_000)];
  blocks.giveBack(foreign);
  blocks.giveBack(long);
  expect(long).toHaveLength(100_000);
  expect([foreign.buffer, long.buffer]).not.toContain(blocks.take(10).buffer);
});
