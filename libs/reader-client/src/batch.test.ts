import { expect, it } from 'vitest';
import { batchOf } from './batch.js';

const due = (dueAt: number, size = 100) => ({ dueAt, size, intervalMs: 10_000 });

it('is empty until a reader is due, and then has those that are due within a tenth of their interval, and a second', () => {
  expect(batchOf([due(1_001), due(1_500)], 1_000)).toEqual([]);
  expect(batchOf([due(2_001), due(2_000), due(1_000)], 1_000)).toEqual([due(1_000), due(2_000)]);
  const slow = { ...due(2_500), intervalMs: 600_000 };
  expect(batchOf([slow, due(1_000)], 1_000)).toEqual([due(1_000)]);
});

it('has at most 1,000 readers, those that are due first, and about a million characters', () => {
  const readers = [...Array.from({ length: 600 }, () => due(1_500)), ...Array.from({ length: 600 }, () => due(0))];
  const batch = batchOf(readers, 1_000);
  expect([batch.length, batch.filter(({ dueAt }) => dueAt === 0).length]).toEqual([1_000, 600]);
  expect(batchOf([due(0, 600_000), due(0, 400_001)], 1_000)).toHaveLength(1);
  expect(batchOf([due(0, 2_000_000), due(0)], 1_000)).toHaveLength(1);
});
