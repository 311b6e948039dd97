import { readFileSync } from 'node:fs';

/** Where the system does not say: what most of them permit at least. */
const USUAL_LIMIT = 1_024;

/** Files and connections that this process may have open at once, as Linux says it in `/proc/self/limits`. */
export function openFilesLimit(): number {
  try {
    const [, limit] = /^Max open files\s+(\d+|unlimited)/m.exec(readFileSync('/proc/self/limits', 'utf8')) ?? [];
    return limit === 'unlimited' ? Infinity : Number(limit ?? USUAL_LIMIT);
  } catch {
    return USUAL_LIMIT;
  }
}

/** The connections of the management port at once, so that it leaves files for all else: an eighth of the limit, from 16 to 256. */
export const mostManagementConnections = (openFiles: number = openFilesLimit()): number =>
  Math.min(256, Math.max(16, Math.floor(openFiles / 8)));
