import { gatewayStream, type ApiKeyEntry, type JsonValue } from '@signalbox/contracts/streams';
import { FollowedStreams } from '@signalbox/state-streams';
import { FakeClock } from '@signalbox/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import { generateApiKey, hashApiKey } from './api-key.js';
import { KeyRing } from './key-ring.js';

describe('KeyRing', () => {
  const key = generateApiKey('live');
  const clock = new FakeClock();
  const keyOf = gatewayStream.entries.key.key;
  const entry = (over: Record<string, JsonValue> = {}): [string, JsonValue] => [
    keyOf('key_1'),
    { id: 'key_1', name: 'k', role: 'member', mode: 'live', sha256: hashApiKey(key), expires_at: null, ...over },
  ];
  const newRing = () => {
    const streams = new FollowedStreams();
    return { ring: new KeyRing(streams, clock), stream: streams.follow(gatewayStream) };
  };
  let { ring, stream } = newRing();

  beforeEach(() => {
    ({ ring, stream } = newRing());
  });

  it('finds a key by itself alone', () => {
    stream.reset([entry()]);
    expect(ring.find(key)).toMatchObject({ found: { id: 'key_1', role: 'member' } });
    expect(ring.find(generateApiKey('live'))).toEqual({ refused: 'unknown' });
    expect(ring.find('key_1')).toEqual({ refused: 'malformed' });
  });

  it('refuses a key revoked here while the stream does not arrive', () => {
    stream.reset([entry()]);
    ring.revoke('key_1');
    expect(ring.find(key)).toEqual({ refused: 'unknown' });
  });

  it('refuses a key that the stream has removed', () => {
    stream.reset([entry()]);
    stream.change([{ key: keyOf('key_1'), value: null }]);
    expect(ring.find(key)).toEqual({ refused: 'unknown' });
    stream.reset([entry()]);
    expect(ring.find(key)).toHaveProperty('found');
    stream.reset([]);
    expect(ring.find(key)).toEqual({ refused: 'unknown' });
  });

  it('refuses a key from its expiry on', () => {
    stream.reset([entry({ expires_at: clock.now() + 1_000 })]);
    expect(ring.find(key)).toHaveProperty('found');
    clock.advance(1_000);
    expect(ring.find(key)).toEqual({ refused: 'expired' });
  });

  it('refuses a key whose entry does not fit its schema', () => {
    expect(stream.reset([entry({ role: 'root' })])).toEqual([keyOf('key_1')]);
    expect(ring.find(key)).toEqual({ refused: 'unknown' });
  });

  it('refuses a key by the hash that its entry had before', () => {
    stream.reset([entry()]);
    stream.change([{ key: keyOf('key_1'), value: entry({ sha256: hashApiKey(generateApiKey('live')) })[1] }]);
    expect(ring.find(key)).toEqual({ refused: 'unknown' });
  });

  describe('holds an entry that was found for valid', () => {
    const found = () => (ring.find(key) as { found: ApiKeyEntry }).found;

    it('until its expiry', () => {
      stream.reset([entry({ expires_at: clock.now() + 1_000 })]);
      const known = found();
      expect(ring.isValid(known)).toBe(true);
      clock.advance(1_000);
      expect(ring.isValid(known)).toBe(false);
    });

    it('until it is revoked here', () => {
      stream.reset([entry()]);
      const known = found();
      ring.revoke('key_1');
      expect(ring.isValid(known)).toBe(false);
    });

    it.each<[string, JsonValue | null]>([
      ['removes', null],
      ['replaces', entry({ role: 'admin' })[1]],
    ])('until the stream %s it', (_how, value) => {
      stream.reset([entry()]);
      const known = found();
      stream.change([{ key: keyOf('key_1'), value }]);
      expect(ring.isValid(known)).toBe(false);
    });
  });
});
