import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { StreamDigest } from './digest.js';

const pair = fc.tuple(fc.string({ unit: 'binary' }), fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }));

function digestOf(pairs: Iterable<readonly [string, number]>): string {
  const digest = new StreamDigest();
  for (const [key, version] of pairs) digest.add(key, version);
  return digest.toString();
}

describe('the digest of a stream', () => {
  it('is 16 hex digits, all zero for an empty content', () => {
    expect(digestOf([])).toBe('0000000000000000');
    expect(digestOf([['a', 1]])).toMatch(/^[0-9a-f]{16}$/);
  });

  it('does not change between releases: owner and replica may be of different ones', () => {
    expect(
      digestOf([
        ['reader/llama-70b-0', 42],
        ['settings', 1],
        ['ключ', 2 ** 40],
      ]),
    ).toBe('48d6f6ace98e24d1');
  });

  it('does not depend on order, nor on what was removed', () => {
    fc.assert(
      fc.property(fc.array(pair), fc.array(pair), (kept, removed) => {
        const digest = new StreamDigest();
        for (const [key, version] of [...removed, ...kept.toReversed()]) digest.add(key, version);
        for (const [key, version] of removed) digest.remove(key, version);
        expect(digest.toString()).toBe(digestOf(kept));
      }),
    );
  });

  it('differs for keys and versions that are close to each other', () => {
    const seen = new Set<string>();
    for (let key = 0; key < 300; key += 1) {
      for (let version = 0; version < 300; version += 1) seen.add(digestOf([[`reader/${key}`, version]]));
      seen.add(digestOf([[`reader/${key}`, 2 ** 32]])).add(digestOf([[`reader/${key}`, 2 ** 33]]));
    }
    expect(seen.size).toBe(300 * 302);
  });

  it('changes when two entries swap their versions', () => {
    expect(
      digestOf([
        ['a', 1],
        ['b', 2],
      ]),
    ).not.toBe(
      digestOf([
        ['a', 2],
        ['b', 1],
      ]),
    );
  });

  it('spreads over both lanes: digests of neighbours differ in about half of the bits', () => {
    let differing = 0;
    const rounds = 1_000;
    for (let version = 0; version < rounds; version += 1) {
      const one = BigInt(`0x${digestOf([['reader/a', version]])}`);
      const next = BigInt(`0x${digestOf([['reader/a', version + 1]])}`);
      differing += (one ^ next).toString(2).replaceAll('0', '').length;
    }
    expect(differing / rounds).toBeGreaterThan(30);
    expect(differing / rounds).toBeLessThan(34);
  });
});
