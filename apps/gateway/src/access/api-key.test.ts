import { describe, expect, it } from 'vitest';
import { generateApiKey, hashApiKey, hintOf, isSecret, isWellFormed } from './api-key.js';

describe('API keys', () => {
  it('are made well-formed, each another', () => {
    const keys = Array.from({ length: 200 }, () => generateApiKey('live'));
    expect(keys.every(isWellFormed)).toBe(true);
    expect(new Set(keys).size).toBe(200);
    expect(generateApiKey('test')).toMatch(/^sk_test_[0-9A-Za-z]{36}$/);
    const publishable = generateApiKey('live', 'publishable');
    expect(publishable).toMatch(/^pk_live_[0-9A-Za-z]{36}$/);
    expect([isWellFormed(publishable), isSecret(publishable), isSecret(keys[0]!)]).toEqual([true, false, true]);
  });

  it('are refused with any one character changed', () => {
    const key = generateApiKey('live');
    for (let at = 0; at < key.length; at++) {
      const changed = key.slice(0, at) + (key[at] === 'x' ? 'y' : 'x') + key.slice(at + 1);
      expect(isWellFormed(changed)).toBe(false);
    }
  });

  it.each(['', 'sk_live_', 'Bearer x', 'a.b.c', 'sk_prod_'.padEnd(44, '0'), '0'.repeat(10_000)])(
    'refuses %j',
    (text) => {
      expect(isWellFormed(text)).toBe(false);
    },
  );

  it('show little of themselves and hash the same each time', () => {
    const key = generateApiKey('live');
    expect(hintOf(key)).toHaveLength(17);
    expect(hashApiKey(key)).toBe(hashApiKey(key));
    expect(hashApiKey(key)).toMatch(/^[0-9a-f]{64}$/);
  });
});
