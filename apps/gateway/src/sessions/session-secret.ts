import { createHmac, hash, randomBytes, timingSafeEqual } from 'node:crypto';

/** What the browser holds of a session: 256 random bits in base64url. */
export const generateSecret = (): string => randomBytes(32).toString('base64url');

/** What is stored of it: hex of its SHA-256. */
export const hashSecret = (secret: string): string => hash('sha256', secret);

/**
 * What a page of ours sends with a request that changes something. It can be computed only with the secret, which no page
 * can read, and does not reveal it.
 */
export const csrfTokenOf = (secret: string): string =>
  createHmac('sha256', secret).update('signalbox csrf token').digest('base64url');

export function isCsrfTokenOf(secret: string, token: string): boolean {
  const [expected, given] = [Buffer.from(csrfTokenOf(secret)), Buffer.from(token)];
  return expected.length === given.length && timingSafeEqual(expected, given);
}
