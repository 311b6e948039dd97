import { describe, expect, it } from 'vitest';
import type { VerifiedToken } from './token-verifier.js';
import { VerifiedTokens } from './verified-tokens.js';

describe('VerifiedTokens', () => {
  it('forgets the oldest of more than ten thousand', () => {
    const tokens = new VerifiedTokens();
    for (let i = 0; i < 10_001; i++) tokens.remember(`token ${i}`, { id: `${i}` } as VerifiedToken);
    expect(tokens.find('token 0')).toBeUndefined();
    expect(tokens.find('token 1')?.token.id).toBe('1');
    expect(tokens.find('token 10000')?.token.id).toBe('10000');
  });
});
