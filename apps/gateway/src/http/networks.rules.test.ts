import { describe, expect, it } from 'vitest';
import { networksOf } from './networks.rules.js';

describe('the networks of a key', () => {
  it.each([
    ['10.0.0.0/8', '10.1.2.3', true],
    ['10.0.0.0/8', '11.0.0.1', false],
    ['10.0.0.0/8', '::ffff:10.1.2.3', true],
    ['::ffff:10.0.0.0/104', '10.1.2.3', true],
    ['203.0.113.7/32', '203.0.113.8', false],
    ['2001:db8::/48', '2001:db8:0:1::1', true],
    ['2001:db8::/48', '2001:db9::1', false],
    ['fe80::/10', 'fe80::1%eth0', true],
    ['::/0', '10.1.2.3', false],
    ['0.0.0.0/0', '::1', false],
    ['not a network', '10.1.2.3', false],
    ['10.0.0.0/8', 'unknown', false],
  ])('%s: %s is included: %s', (network, address, isIncluded) => {
    expect(networksOf([network]).includes(address)).toBe(isIncluded);
    expect(networksOf(['192.0.2.0/24', network]).includes(address)).toBe(isIncluded);
  });
});
