import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { sealFor, SealedBox } from './sealed-box.js';
import { envVaultKeys, NotOpenable, Vault } from './vault.js';

const key = (id: string) => ({ id, key: randomBytes(32) });

describe('a vault', () => {
  it('opens a text only for the place for which it was sealed', () => {
    const vault = new Vault([key('a')]);
    const sealed = vault.seal('hunter2 ✓', 'row 1');
    expect(vault.open(sealed, 'row 1')).toBe('hunter2 ✓');
    expect(sealed).not.toContain('hunter2');
    expect(vault.seal('hunter2 ✓', 'row 1')).not.toBe(sealed);
    expect(() => vault.open(sealed, 'row 2')).toThrow(NotOpenable);
  });

  it('opens a text of an earlier key and reports that it should be sealed again', () => {
    const [old, current] = [key('old'), key('new')];
    const sealed = new Vault([old]).seal('text', 'p');
    const vault = new Vault([current, old]);
    expect([vault.open(sealed, 'p'), vault.isCurrent(sealed), vault.isCurrent(vault.seal('text', 'p'))]).toEqual([
      'text',
      false,
      true,
    ]);
    expect(() => new Vault([current]).open(sealed, 'p')).toThrow(/key old, which is not known/);
  });

  it('refuses a text in which any part was changed', () => {
    const vault = new Vault([key('a')]);
    const sealed = vault.seal('text', 'p');
    const [version, id, ...parts] = sealed.split('.');
    for (const [index, part] of parts.entries()) {
      const bytes = Buffer.from(part, 'base64url');
      bytes[0] = (bytes[0] ?? 0) ^ 1;
      const changed = [version, id, ...parts.with(index, bytes.toString('base64url'))].join('.');
      expect(() => vault.open(changed, 'p')).toThrow(NotOpenable);
    }
  });

  it('reads its keys, and quotes none in the error for invalid ones', () => {
    const encoded = randomBytes(32).toString('base64');
    const ids = envVaultKeys()
      .parse(`${encoded}, ${randomBytes(32).toString('base64url')}`)
      .map(({ id }) => id);
    expect([ids[0], new Set(ids).size]).toEqual([envVaultKeys().parse(encoded)[0]?.id, 2]);
    for (const wrong of [',', 'c2hvcnQ=', `${encoded},`, encoded.slice(4)]) {
      const { error } = envVaultKeys().safeParse(wrong);
      expect(error?.message).toContain('32 bytes');
      expect(error?.message).not.toContain(encoded.slice(4));
    }
  });
});

describe('a sealed box', () => {
  it('is opened only by its receiver', () => {
    const [mine, others] = [new SealedBox([randomBytes(32)], 'test'), new SealedBox([randomBytes(32)], 'test')];
    const sealed = sealFor(mine.publicKey, 'hunter2', 'p');
    expect(mine.open(sealed, 'p')).toBe('hunter2');
    expect(() => others.open(sealed, 'p')).toThrow(NotOpenable);
    expect(() => mine.open(`${sealed.slice(0, -4)}AAAA`, 'p')).toThrow(NotOpenable);
    expect(() => mine.open('short', 'p')).toThrow(NotOpenable);
  });

  it('is opened only for the purpose for which it was sealed', () => {
    const box = new SealedBox([randomBytes(32)], 'test');
    const sealed = sealFor(box.publicKey, 'hunter2', 'one');
    expect(box.open(sealed, 'one')).toBe('hunter2');
    for (const other of ['', 'two', 'one ']) expect(() => box.open(sealed, other)).toThrow(NotOpenable);
  });

  it('opens messages for an earlier key, and has the same public key in each process', () => {
    const [old, current] = [randomBytes(32), randomBytes(32)];
    const sealed = sealFor(new SealedBox([old], 'test').publicKey, 'text', 'p');
    expect(new SealedBox([current, old], 'test').open(sealed, 'p')).toBe('text');
    expect(new SealedBox([old], 'other').publicKey).not.toBe(new SealedBox([old], 'test').publicKey);
  });
});
