import { expect, it } from 'vitest';
import { afterProbe, unknownHealth } from './health.rules.js';

const after = (probes: string, mostFailures = 3): string =>
  afterEach(probes.split(''), mostFailures)
    .map(({ state }) => (state === 'ready' ? 'r' : 'l'))
    .join('');

function afterEach(probes: string[], mostFailures: number) {
  let health = unknownHealth;
  return probes.map((result) => (health = afterProbe(health, result === '+', mostFailures)));
}

it('is ready after one healthy answer, and loading after so many failed probes in a row', () => {
  expect(after('--+--+---+')).toBe('llrrrrrrlr');
  expect(after('+-+--', 1)).toBe('rlrll');
});
