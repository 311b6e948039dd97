import {
  createCipheriv,
  createDecipheriv,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  hkdfSync,
  randomBytes,
  type KeyObject,
} from 'node:crypto';
import { NotOpenable } from './vault.js';

/**
 * Messages that only their receiver can read: X25519 with a new sender key for each message, HKDF-SHA256, AES-256-GCM. So the
 * broker, and anyone who reads its queues, cannot read credentials.
 */

const CIPHER = 'aes-256-gcm';
const PUBLIC_KEY_BYTES = 32;
const IV_BYTES = 12;
const TAG_BYTES = 16;
/** The DER bytes that precede the 32 bytes of a key (RFC 8410). */
const PKCS8_PREFIX = Buffer.from('302e020100300506032b656e04220420', 'hex');
const SPKI_PREFIX = Buffer.from('302a300506032b656e032100', 'hex');

/**
 * Seals text for the owner of this public key (base64url).
 * @param purpose is authenticated with the text, and not part of what is returned: the receiver must name the same one
 */
export function sealFor(publicKey: string, text: string, purpose: string): string {
  const receiver = publicKeyOf(Buffer.from(publicKey, 'base64url'));
  const once = generateKeyPairSync('x25519');
  const sender = rawPublicKey(once.publicKey);
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv(CIPHER, messageKey(once.privateKey, receiver, [sender, rawPublicKey(receiver)]), iv);
  cipher.setAAD(Buffer.from(purpose));
  const sealed = [cipher.update(text, 'utf8'), cipher.final()];
  return Buffer.concat([sender, iv, cipher.getAuthTag(), ...sealed]).toString('base64url');
}

/** The receiver's side. The key pairs are derived from secrets, so that each process that has the secrets can open messages. */
export class SealedBox {
  private readonly privateKeys: readonly KeyObject[];

  /**
   * @param secrets the public key is derived from the first; the others open messages that were sealed for earlier public keys
   * @param receiver the same secrets make other keys for another one
   */
  constructor(secrets: readonly Buffer[], receiver: string) {
    this.privateKeys = secrets.map((secret) => {
      const seed = Buffer.from(hkdfSync('sha256', secret, Buffer.alloc(0), `signalbox sealed box: ${receiver}`, 32));
      return createPrivateKey({ key: Buffer.concat([PKCS8_PREFIX, seed]), format: 'der', type: 'pkcs8' });
    });
  }

  /** Base64url. */
  get publicKey(): string {
    const [first] = this.privateKeys;
    if (first === undefined) throw new Error('a sealed box needs a secret');
    return rawPublicKey(createPublicKey(first)).toString('base64url');
  }

  /** @throws NotOpenable, also for a text that was sealed for another purpose */
  open(sealed: string, purpose: string): string {
    const bytes = Buffer.from(sealed, 'base64url');
    for (const privateKey of this.privateKeys) {
      const text = openWith(privateKey, bytes, purpose);
      if (text !== undefined) return text;
    }
    throw new NotOpenable('it was sealed for another receiver or purpose, or has been changed');
  }
}

function openWith(privateKey: KeyObject, bytes: Buffer, purpose: string): string | undefined {
  let at = 0;
  const take = (length: number): Buffer => bytes.subarray(at, (at += length));
  const [sender, iv, tag] = [take(PUBLIC_KEY_BYTES), take(IV_BYTES), take(TAG_BYTES)];
  try {
    const key = messageKey(privateKey, publicKeyOf(sender), [sender, rawPublicKey(createPublicKey(privateKey))]);
    const decipher = createDecipheriv(CIPHER, key, iv, { authTagLength: TAG_BYTES });
    decipher.setAAD(Buffer.from(purpose));
    decipher.setAuthTag(tag);
    return Buffer.concat([decipher.update(bytes.subarray(at)), decipher.final()]).toString('utf8');
  } catch {
    return undefined;
  }
}

function messageKey(privateKey: KeyObject, publicKey: KeyObject, parties: readonly Buffer[]): Buffer {
  const shared = diffieHellman({ privateKey, publicKey });
  return Buffer.from(hkdfSync('sha256', shared, Buffer.concat(parties), 'signalbox sealed message', 32));
}

const publicKeyOf = (raw: Buffer): KeyObject =>
  createPublicKey({ key: Buffer.concat([SPKI_PREFIX, raw]), format: 'der', type: 'spki' });
const rawPublicKey = (key: KeyObject): Buffer =>
  key.export({ format: 'der', type: 'spki' }).subarray(SPKI_PREFIX.length);
