import { describe, expect, it } from 'vitest';
import { includes } from './demand-role.js';

describe('roles', () => {
  it('include the roles of a lower rank', () => {
    expect(includes('admin', 'manager')).toBe(true);
    expect(includes('manager', 'manager')).toBe(true);
    expect(includes('member', 'manager')).toBe(false);
  });
});
