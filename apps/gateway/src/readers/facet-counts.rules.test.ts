import type { ReaderEntry } from '@signalbox/contracts/streams';
import { expect, it } from 'vitest';
import { FacetCounts } from './facet-counts.rules.js';

const reader = (over: Partial<ReaderEntry>): ReaderEntry =>
  ({
    state: 'live',
    flapping_since: null,
    consumer_groups: [],
    model_name: 'm',
    model_type: 't',
    device: 'd',
    ...over,
  }) as ReaderEntry;

it('shows the hundred most frequent values, and how many others there are', () => {
  const counts = new FacetCounts();
  for (let index = 0; index < 150; index += 1)
    for (let times = index % 3; times >= 0; times -= 1)
      counts.add(reader({ model_name: `m${String(index).padStart(3, '0')}` }), 'none');
  const { values, others } = counts.result().model;
  expect([values.length, others]).toEqual([100, 50]);
  expect(values.slice(0, 2)).toEqual([
    { value: 'm002', readers: 3 },
    { value: 'm005', readers: 3 },
  ]);
  expect(values.map(({ readers }) => readers)).toEqual([...Array(50).fill(3), ...Array(50).fill(2)]);
});

it('counts at most 10,000 values, and goes on counting those', () => {
  const counts = new FacetCounts();
  for (let index = 0; index < 200; index += 1)
    counts.add(reader({ consumer_groups: Array.from({ length: 100 }, (_, at) => `${index}/${at}`) }), 'none');
  counts.add(reader({ consumer_groups: ['0/0', 'late'] }), 'none');
  const { values, others } = counts.result().group;
  expect([values[0], others]).toEqual([{ value: '0/0', readers: 2 }, 9_900]);
});
