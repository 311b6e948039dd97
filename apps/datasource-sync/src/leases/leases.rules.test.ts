import fc from 'fast-check';
import { expect, it } from 'vitest';
import { balance } from './fair-share.rules.js';
import { isGone, taskOf } from './task.rules.js';

it('processes that balance in any order hold all datasources in equal shares', () => {
  const start = fc.array(fc.integer({ min: 0, max: 50 }), { minLength: 1, maxLength: 6 });
  fc.assert(
    fc.property(start, fc.integer({ min: 0, max: 100 }), (shares, unheld) => {
      const held = [...shares];
      let free = unheld;
      const datasources = held.reduce((sum, each) => sum + each, free);
      for (let round = 0; round < 3; round += 1) {
        for (const index of held.keys()) {
          const { take, giveBack } = balance({ datasources, processes: held.length, held: held[index]!, free });
          held[index]! += take - giveBack;
          free += giveBack - take;
        }
      }
      expect(free).toBe(0);
      expect(Math.max(...held)).toBe(Math.ceil(datasources / held.length));
    }),
  );
});

const row = {
  connection: 'direct',
  status: 'active',
  paused_at: null,
  is_deleting: false,
  was_active: true,
} as const;

it.each([
  [{}, 'follow'],
  [{ connection: 'endpoint' }, 'follow'],
  [{ paused_at: new Date(0) }, 'watch'],
  [{ paused_at: new Date(0), connection: 'endpoint' }, 'rest'],
  [{ status: 'rejected' }, 'watch'],
  [{ status: 'rejected', was_active: false }, 'rest'],
  [{ status: 'unverified', was_active: false }, 'rest'],
  [{ is_deleting: true }, 'release'],
  [{ is_deleting: true, status: 'rejected', paused_at: new Date(0) }, 'release'],
] as const)('a database that is active, changed by %j, is to: %s', (change, task) => {
  const changed = { ...row, ...change };
  expect(taskOf(changed)).toBe(task);
  expect(isGone(changed)).toBe(false);
});

it('nothing is left to do for a deleted endpoint, or for a deleted database that never was active', () => {
  expect(isGone({ ...row, is_deleting: true, connection: 'endpoint' })).toBe(true);
  expect(isGone({ ...row, is_deleting: true, was_active: false })).toBe(true);
});
