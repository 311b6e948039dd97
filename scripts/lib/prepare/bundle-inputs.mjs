// @ts-check
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkout } from '../base/home.mjs';

/** What the compiler wrote of this repository. */
export const compiled = /\/(apps|libs)\/[^/]+\/dist\//;

/**
 * Makes the folder `bundle` of a package, unless it was made of the same inputs.
 * @param {string} folder of the package @param {string} inputs their hash @param {() => Promise<void>} make
 */
export async function unlessMade(folder, inputs, make) {
  const stamp = join(checkout, folder, 'bundle/.inputs');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === inputs) return;
  await make();
  writeFileSync(stamp, inputs);
}

/** @param {string} group `apps` or `libs` @returns {string[]} its packages */
export function foldersIn(group) {
  return readdirSync(join(checkout, group)).map((name) => `${group}/${name}`);
}

/** @param {string} folder of a package @returns {string[]} the scripts that the compiler wrote */
export function compiledIn(folder) {
  const dist = join(checkout, folder, 'dist');
  if (!existsSync(dist)) return [];
  const files = readdirSync(dist, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.js'));
  return files.toSorted().map((file) => `${folder}/dist/${file}`);
}

/** @param {string[]} files @param {string} [seed] @returns {string} */
export function hashOf(files, seed = '') {
  const hash = createHash('sha256').update(seed);
  for (const file of files) hash.update(`\0${file}\0`).update(readFileSync(join(checkout, file)));
  return hash.digest('hex');
}
