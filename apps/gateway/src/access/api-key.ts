import { hash, randomInt } from 'node:crypto';
import { crc32 } from 'node:zlib';
import type { KeyKind, KeyMode } from '@signalbox/contracts/http';

/**
 * An API key: `sk_` (secret), `pk_` (publishable), `rk_` (reader) or `ak_` (agent), `live_` or `test_`, 30 random base62 characters (178
 * bits), and their CRC32 in base62, so that garbage and typing errors are refused without a look-up.
 */

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const RANDOM_CHARACTERS = 30;
const CHECK_CHARACTERS = 6;
const PREFIXES: Record<KeyKind, string> = { secret: 'sk', publishable: 'pk', reader: 'rk', agent: 'ak' };
const SHAPE = new RegExp(
  `^((?:${Object.values(PREFIXES).join('|')})_(?:live|test)_[0-9A-Za-z]{${RANDOM_CHARACTERS}})([0-9A-Za-z]{${CHECK_CHARACTERS}})$`,
);

export function generateApiKey(mode: KeyMode, kind: KeyKind = 'secret'): string {
  const random = Array.from({ length: RANDOM_CHARACTERS }, () => ALPHABET[randomInt(ALPHABET.length)]).join('');
  const body = `${PREFIXES[kind]}_${mode}_${random}`;
  return body + checksum(body);
}

/** Whether `text` can be a key at all. */
export function isWellFormed(text: string): boolean {
  const [, body, check] = SHAPE.exec(text) ?? [];
  return body !== undefined && check === checksum(body);
}

/** Whether a well-formed key is a secret one. */
export const isSecret = (key: string): boolean => key.startsWith(PREFIXES.secret);

/** What is stored of a key: hex of its SHA-256. A slow hash would add nothing to 178 random bits. */
export const hashApiKey = (key: string): string => hash('sha256', key);

/** Enough of a key for people to recognise it, too little to guess it: `sk_live_4fK2…9xQz`. */
export const hintOf = (key: string): string => `${key.slice(0, 12)}…${key.slice(-4)}`;

function checksum(body: string): string {
  let left = crc32(body);
  let digits = '';
  for (let i = 0; i < CHECK_CHARACTERS; i++) {
    digits = ALPHABET[left % 62] + digits;
    left = Math.floor(left / 62);
  }
  return digits;
}
