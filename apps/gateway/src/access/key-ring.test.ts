import { apiKeyKey, type JsonValue } from '@signalbox/contracts/streams';
import { FakeClock } from '@signalbox/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import { generateApiKey, hashApiKey } from './api-key.js';
import { KeyRing } from './key-ring.js';

describe('KeyRing', () => {
  const key = generateApiKey('live');
  const clock = new FakeClock();
  let ring: KeyRing;
  const entry = (over: Record<string, JsonValue> = {}): [string, JsonValue] => [
    apiKeyKey('key_1'),
    { id: 'key_1', name: 'k', role: 'member', mode: 'live', sha256: hashApiKey(key), expires_at: null, ...over },
  ];

  beforeEach(() => {
    ring = new KeyRing(clock);
  });

  it('finds a key by itself alone', () => {
    ring.reset([entry()]);
    expect(ring.find(key)).toMatchObject({ found: { id: 'key_1', role: 'member' } });
    expect(ring.find(generateApiKey('live'))).toEqual({ refused: 'unknown' });
    expect(ring.find('key_1')).toEqual({ refused: 'malformed' });
  });

  it('refuses a key that the stream took away, and one revoked here while the stream is silent', () => {
    ring.reset([entry()]);
    ring.revoke('key_1');
    expect(ring.find(key)).toEqual({ refused: 'unknown' });
    const other = new KeyRing(clock);
    other.reset([entry()]);
    other.changed([{ key: apiKeyKey('key_1'), value: null }]);
    expect(other.find(key)).toEqual({ refused: 'unknown' });
    other.reset([entry()]);
    other.reset([]);
    expect(other.find(key)).toEqual({ refused: 'unknown' });
  });

  it('refuses a key from its end on', () => {
    ring.reset([entry({ expires_at: clock.now() + 1_000 })]);
    expect(ring.find(key)).toHaveProperty('found');
    clock.advance(1_000);
    expect(ring.find(key)).toEqual({ refused: 'expired' });
  });

  it('recognises no key by an entry it does not understand', () => {
    ring.reset([entry({ role: 'root' })]);
    expect(ring.find(key)).toEqual({ refused: 'unknown' });
  });
});
