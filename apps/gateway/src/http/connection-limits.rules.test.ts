import { expect, it } from 'vitest';
import { connectionLimits } from './connection-limits.rules.js';

it.each([
  ['leave files for all else', { openFiles: 256, management: 32 }, { inAll: 128, perAddress: 96 }],
  ['are not larger than usual', { openFiles: 1_048_576, management: 256 }, { inAll: 20_000, perAddress: 15_000 }],
  ['are at least a few', { openFiles: 64, management: 16 }, { inAll: 16, perAddress: 12 }],
  [
    'are those that are configured',
    { openFiles: 65_536, management: 256, inAll: 30_000, perAddress: 100 },
    { inAll: 30_000, perAddress: 100 },
  ],
  [
    'are what is possible of those',
    { openFiles: 1_024, management: 128, inAll: 30_000, perAddress: 20_000 },
    { inAll: 800, perAddress: 800 },
  ],
])('the limits of connections %s', (_what, facts, limits) => {
  expect(connectionLimits(facts)).toEqual(limits);
});
