// @ts-check
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Whether `node_modules` holds what `package-lock.json` asks for, by npm's own record of what it installed. npm writes that
 * record last, so an installation that was interrupted counts as missing.
 * @param {string} checkout
 * @returns {boolean}
 */
export function packagesAreInstalled(checkout) {
  const wanted = packagesOf(join(checkout, 'package-lock.json'));
  const present = packagesOf(join(checkout, 'node_modules/.package-lock.json'));
  if (!wanted || !present) return false;
  return Object.entries(wanted).every(([path, entry]) => !isNeededHere(path, entry) || isSame(entry, present[path]));
}

/** @typedef {{ version?: string, integrity?: string, link?: boolean, optional?: boolean, os?: string[], cpu?: string[] }} LockEntry */

/** @param {string} path @param {LockEntry} entry */
function isNeededHere(path, entry) {
  if (!path.startsWith('node_modules/') && !path.includes('/node_modules/')) return false;
  if (!entry.optional) return true;
  // An optional package without a platform is one npm may have left out for a reason of its own.
  return (
    entry.os !== undefined &&
    entry.os.includes(process.platform) &&
    (entry.cpu?.includes(process.arch) ?? true) &&
    !('libc' in entry)
  );
}

/** @param {LockEntry} wanted @param {LockEntry | undefined} present */
function isSame(wanted, present) {
  return present !== undefined && wanted.version === present.version && wanted.link === present.link;
}

/** @param {string} file @returns {Record<string, LockEntry> | undefined} */
function packagesOf(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8')).packages;
  } catch {
    return undefined;
  }
}
