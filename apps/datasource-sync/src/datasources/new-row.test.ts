import { expect, it } from 'vitest';
import { leftBehind } from './left-behind.rules.js';
import { idOf, newSuffix, slotOf } from './new-row.js';

it('makes suffixes of 24 characters, each equally likely', () => {
  let byte = 0;
  const suffix = newSuffix(() => byte++ % 256);
  expect(suffix).toBe('0123456789abcdefghijklmn');
  byte = 250;
  expect(newSuffix(() => byte++ % 256).slice(0, 4)).toBe('yz01');
});

it('shows kind and mode in ids', () => {
  expect(idOf({ connection: 'direct', mode: 'live' }, 'x')).toBe('ds_x');
  expect(idOf({ connection: 'direct', mode: 'test' }, 'x')).toBe('ds_test_x');
  expect(idOf({ connection: 'endpoint', mode: 'live' }, 'x')).toBe('dse_x');
  expect(idOf({ connection: 'endpoint', mode: 'test' }, 'x')).toBe('dse_x');
  expect(slotOf('x')).toBe('signalbox_x');
});

it('quotes names in the statements that a deletion leaves to run', () => {
  const { remove_with } = leftBehind({ slot: 'signalbox_x', publication: 'my "pub' }, { isReleased: false });
  expect(remove_with).toEqual([
    `SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = 'signalbox_x';`,
    'DROP PUBLICATION IF EXISTS "my ""pub";',
  ]);
});
