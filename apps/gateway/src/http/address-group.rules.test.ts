import { describe, expect, it } from 'vitest';
import { addressGroup } from './address-group.rules.js';

describe('the group of an address', () => {
  it.each([
    ['192.0.2.1', '192.0.2.1', true],
    ['192.0.2.1', '::ffff:192.0.2.1', true],
    ['192.0.2.1', '192.0.2.2', false],
    ['2001:db8:0:1::1', '2001:db8:0:1:ffff::2', true],
    ['2001:db8:0:1::1', '2001:db8:0:2::1', false],
    ['fe80::1%eth0', 'fe80::2', true],
    ['not:an:address', 'not:an:address', true],
    ['not:an:address', 'not:another', false],
  ])('of %s and %s is the same: %s', (one, other, isSame) => {
    expect(addressGroup(one) === addressGroup(other)).toBe(isSame);
  });
});
