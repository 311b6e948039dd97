// @ts-check
import { linkSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { identify, isRunning } from './processes.mjs';

/**
 * One holder at a time, also when two ask at the same instant, and without waiting for anybody's clean-up: the lock of a
 * process that has exited counts as free. The folder keeps numbered files; the highest one says who holds or last held the
 * lock. Taking it means creating the next number, which only one can do; the highest is never removed, so that numbers
 * only grow and a slow rival cannot re-create one that was in use.
 *
 * @template {object} Content
 * @typedef {{ taken: true, content: Content, previous: Partial<Content> | undefined } | { taken: false, holder: Content }} LockResult
 */

/**
 * @template {object} Content
 * @param {string} folder
 * @param {Content} note what others may read about this holder
 * @returns {LockResult<Content & import('./processes.mjs').ProcessIdentity>} `previous`: what the last holder noted, for cleaning up after it
 */
export function takeLock(folder, note) {
  mkdirSync(folder, { recursive: true });
  const self = identify(process.pid);
  if (!self) throw new Error(`the start time of this process (${process.pid}) cannot be read`);
  const content = { ...note, ...self };
  for (;;) {
    const highest = numbersIn(folder).at(-1) ?? 0;
    const previous = readNote(folder, highest);
    if (isHeldBySomeone(previous)) return { taken: false, holder: /** @type {any} */ (previous) };
    const mine = highest + 1;
    if (!createExclusively(folder, mine, content)) continue;
    const numbers = numbersIn(folder);
    if (numbers.at(-1) !== mine) {
      rmSync(fileOf(folder, mine), { force: true });
      continue;
    }
    for (const older of numbers.slice(0, -1)) rmSync(fileOf(folder, older), { force: true });
    return { taken: true, content, previous: /** @type {any} */ (previous) };
  }
}

/**
 * @param {string} folder
 * @returns {any} what the present or last holder noted about itself, with `held`: whether it still runs
 */
export function readLock(folder) {
  const note = readNote(folder, numbersIn(folder).at(-1) ?? 0);
  return note && { ...note, held: isHeldBySomeone(note) };
}

/** Called by the holder while it still runs: from now on the lock is free. @param {string} folder */
export function releaseLock(folder) {
  const highest = numbersIn(folder).at(-1) ?? 0;
  if (readNote(folder, highest)?.pid !== process.pid) return;
  writeFileSync(fileOf(folder, highest), JSON.stringify({ released: true }));
}

/** @param {any} note */
function isHeldBySomeone(note) {
  return note?.pid !== undefined && isRunning(note);
}

/** @param {string} folder @param {number} number @param {object} content */
function createExclusively(folder, number, content) {
  // Written aside and linked, so that a lock file is whole from the moment it exists.
  const draft = join(folder, `${randomUUID()}.draft`);
  writeFileSync(draft, JSON.stringify(content), { mode: 0o600 });
  try {
    linkSync(draft, fileOf(folder, number));
    return true;
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(draft, { force: true });
  }
}

/** @param {string} folder @param {number} number @returns {any} */
function readNote(folder, number) {
  try {
    return JSON.parse(readFileSync(fileOf(folder, number), 'utf8'));
  } catch {
    return undefined;
  }
}

/** @param {string} folder @returns {number[]} ascending */
function numbersIn(folder) {
  try {
    const names = readdirSync(folder).filter((name) => /^\d+\.json$/.test(name));
    return names.map((name) => Number.parseInt(name, 10)).sort((a, b) => a - b);
  } catch {
    return [];
  }
}

/** @param {string} folder @param {number} number */
function fileOf(folder, number) {
  return join(folder, `${number}.json`);
}
