import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';
import { z } from 'zod';
import { valueNow, type Changing } from '../changing.js';
import { envSecret } from '../env-variables.js';

const CIPHER = 'aes-256-gcm';
const KEY_BYTES = 32;
const IV_BYTES = 12;
const VERSION = 'v1';

export interface VaultKey {
  /** Stored with each sealed text, so that keys can be rotated. Not a secret. */
  readonly id: string;
  readonly key: Buffer;
}

/**
 * Parses an environment variable of keys, separated by commas, each 32 bytes in base64 or base64url. The first key seals; the
 * others open what was sealed with them. Error messages do not quote the value.
 */
export const envVaultKeys = () => envSecret(vaultKeys());

const vaultKeys = () =>
  z
    .string()
    .meta({ values: `keys of ${KEY_BYTES} bytes in base64, separated by commas` })
    .transform((text, context): VaultKey[] => {
      const keys = text.split(',').map((encoded) => Buffer.from(encoded.trim(), 'base64'));
      if (keys.every(({ length }) => length === KEY_BYTES)) return keys.map((key) => ({ id: idOf(key), key }));
      context.addIssue({
        code: 'custom',
        message: `must be keys of ${KEY_BYTES} bytes in base64, separated by commas (openssl rand -base64 ${KEY_BYTES})`,
      });
      return z.NEVER;
    });

/** Identifies a key without revealing anything of it. */
const idOf = (key: Buffer): string => createHash('sha256').update('vault key id').update(key).digest('hex').slice(0, 8);

/** A sealed text cannot be opened: it was sealed with another key or for another place, or it was changed. */
export class NotOpenable extends Error {
  override readonly name = 'NotOpenable';
}

/** Seals text for storage with AES-256-GCM. A text is bound to the place where it is stored: it cannot be copied to another row. */
export class Vault {
  constructor(private readonly keys: Changing<readonly VaultKey[]>) {}

  private get current(): VaultKey {
    const [current] = valueNow(this.keys);
    if (current === undefined) throw new Error('a vault needs a key');
    return current;
  }

  /** `v1.<key id>.<iv>.<tag>.<ciphertext>` */
  seal(text: string, place: string): string {
    const { id, key } = this.current;
    const iv = randomBytes(IV_BYTES);
    const cipher = createCipheriv(CIPHER, key, iv);
    cipher.setAAD(Buffer.from(place));
    const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
    return [VERSION, id, ...[iv, cipher.getAuthTag(), sealed].map((part) => part.toString('base64url'))].join('.');
  }

  /** @throws NotOpenable */
  open(sealed: string, place: string): string {
    const [version, id, ...parts] = sealed.split('.');
    const key = valueNow(this.keys).find((each) => each.id === id)?.key;
    if (version !== VERSION || key === undefined)
      throw new NotOpenable(`it was sealed with the key ${id ?? '?'}, which is not known`);
    const [iv = Buffer.alloc(0), tag = Buffer.alloc(0), content = Buffer.alloc(0)] = parts.map((part) =>
      Buffer.from(part, 'base64url'),
    );
    try {
      const decipher = createDecipheriv(CIPHER, key, iv, { authTagLength: 16 });
      decipher.setAAD(Buffer.from(place));
      decipher.setAuthTag(tag);
      return Buffer.concat([decipher.update(content), decipher.final()]).toString('utf8');
    } catch {
      throw new NotOpenable('it was sealed for another place, or has been changed');
    }
  }

  /** False for a text that was sealed with an earlier key: it should be sealed again. */
  isCurrent(sealed: string): boolean {
    return sealed.startsWith(this.currentBegin);
  }

  /** With what each text begins that is sealed with the current key, for queries that look for others. */
  get currentBegin(): string {
    return `${VERSION}.${this.current.id}.`;
  }
}
