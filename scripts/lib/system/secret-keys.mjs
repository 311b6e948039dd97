// @ts-check
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';

/**
 * The keys that seal stored credentials, made once and kept: without them what they sealed cannot be opened again.
 * @param {string} file
 * @returns {string} the file, for SIGNALBOX_SECRET_KEYS_FILE
 */
export function secretKeys(file) {
  try {
    writeFileSync(file, `${randomBytes(32).toString('base64url')}\n`, { mode: 0o600, flag: 'wx' });
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  }
  return file;
}
