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
