import { describe, expect, it } from 'vitest';
import { isLastAdmin, type AdminFacts } from './last-admin.rules.js';

const NOW = 1_000_000;
const key = (id: string, over: Partial<AdminFacts> = {}): AdminFacts => ({
  id,
  role: 'admin',
  scopes: [],
  expiresAt: null,
  rotatedTo: null,
  ...over,
});

describe('the last key of an admin', () => {
  const mine = key('mine');

  it.each([
    ['none', []],
    ['an expired one', [key('other', { expiresAt: new Date(NOW) })]],
    ['one that is replaced and still works', [key('other', { rotatedTo: 'mine', expiresAt: new Date(NOW + 1) })]],
    ['one that cannot create keys', [key('other', { scopes: ['access:read'] })]],
  ])('is a key beside %s', (_what, others) => {
    expect(isLastAdmin(mine, [mine, ...others], NOW)).toBe(true);
  });

  it.each([
    ['another one', [key('other')]],
    ['one that expires later', [key('other', { expiresAt: new Date(NOW + 1) })]],
    ['one with the scope to create keys', [key('other', { scopes: ['access:write'] })]],
  ])('is not a key beside %s', (_what, others) => {
    expect(isLastAdmin(mine, [mine, ...others], NOW)).toBe(false);
  });

  it('is never a key that cannot create keys', () => {
    expect(isLastAdmin(key('mine', { role: 'manager' }), [], NOW)).toBe(false);
    expect(isLastAdmin(key('mine', { scopes: ['access:read'] }), [], NOW)).toBe(false);
  });
});
