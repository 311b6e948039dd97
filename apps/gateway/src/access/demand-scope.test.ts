import { describe, expect, it } from 'vitest';
import { demandScope, demandScopesToGive } from './demand-scope.js';

describe('scopes', () => {
  it('limit a caller that has any', () => {
    expect(() => demandScope({ scopes: [] }, 'access:write')).not.toThrow();
    expect(() => demandScope({ scopes: [] }, 'outside')).not.toThrow();
    expect(() => demandScope({ scopes: ['status:read'] }, 'own')).not.toThrow();
    expect(() => demandScope({ scopes: ['status:read', 'registry:write'] }, 'registry:write')).not.toThrow();
    expect(() => demandScope({ scopes: ['registry:write'] }, 'registry:read')).toThrow(/scope registry:read/);
    expect(() => demandScope({ scopes: ['registry:write'] }, 'outside')).toThrow(/without scopes/);
  });

  it('are given only by a caller that has them', () => {
    expect(() => demandScopesToGive({ scopes: [] }, [])).not.toThrow();
    expect(() => demandScopesToGive({ scopes: ['access:write', 'status:read'] }, ['status:read'])).not.toThrow();
    expect(() => demandScopesToGive({ scopes: ['access:write'] }, ['status:read'])).toThrow(/scope status:read/);
    expect(() => demandScopesToGive({ scopes: ['access:write'] }, [])).toThrow(/without scopes/);
  });
});
