import { describe, expect, it } from 'vitest';
import { endOfToken, scopeBeyond } from './token.rules.js';

describe('a token', () => {
  const nowMs = 1_000_000_500;
  const end = (ttl: number | undefined, defaultTtl: number, expiresAt: Date | null = null): number =>
    endOfToken(ttl === undefined ? {} : { ttl_seconds: ttl }, { expiresAt }, { nowMs, defaultTtl }) - 1_000_000_000;

  it('lasts as long as it was asked for, or as the deployment says within the bounds', () => {
    expect(end(90, 3_600)).toBe(90_000);
    expect(end(undefined, 3_600)).toBe(3_600_000);
    expect(end(undefined, 0)).toBe(60_000);
    expect(end(undefined, 31_536_000)).toBe(7_776_000_000);
  });

  it('ends with its key at the latest', () => {
    expect(end(90, 3_600, new Date(1_000_080_000))).toBe(80_000);
    expect(end(90, 3_600, new Date(1_000_100_000))).toBe(90_000);
  });

  it('has no scope beyond those of its key', () => {
    expect(scopeBeyond(['status:read', 'registry:read'], { scopes: ['status:read'] })).toBe('registry:read');
    expect(scopeBeyond(['status:read'], { scopes: ['status:read'] })).toBeUndefined();
    expect(scopeBeyond(['status:read'], { scopes: [] })).toBeUndefined();
  });
});
