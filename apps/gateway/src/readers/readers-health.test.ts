import { expect, it } from 'vitest';
import { areHealthy, type WantedState } from './readers-health.js';

it.each<[loading: number, live: number, dead: number, wanted: WantedState, healthy: boolean]>([
  [0, 0, 0, 'live', false],
  [0, 0, 0, 'loading', false],
  [0, 2, 0, 'live', true],
  [1, 2, 0, 'live', false],
  [1, 2, 0, 'loading', true],
  [1, 0, 0, 'loading', true],
  [0, 2, 1, 'live', false],
  [0, 2, 1, 'loading', false],
])('%d loading, %d live, %d dead; wanted %s: %s', (loading, live, dead, wanted, healthy) => {
  expect(areHealthy({ loading, live, dead }, wanted)).toBe(healthy);
});
