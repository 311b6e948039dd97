// @ts-check
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

/**
 * @param {string} checkout
 * @returns {string[]} the files of a checkout that git tracks or would track: what git ignores is left out
 */
export function trackedFiles(checkout) {
  const args = ['ls-files', '--cached', '--others', '--exclude-standard', '-z'];
  return gitPaths(checkout, args).filter((file) => existsSync(join(checkout, file)));
}

/**
 * @param {string} checkout
 * @param {string} base a revision
 * @returns {string[]} the files that differ from where `base` and HEAD separated: committed, uncommitted and new
 */
export function changedFiles(checkout, base) {
  const start = execFileSync('git', ['merge-base', base, 'HEAD'], { cwd: checkout, encoding: 'utf8' }).trim();
  return [
    ...new Set([
      ...gitPaths(checkout, ['diff', '--name-only', '--no-renames', '-z', start]),
      ...gitPaths(checkout, ['ls-files', '--others', '--exclude-standard', '-z']),
    ]),
  ];
}

/** @param {string} cwd @param {string[]} args @returns {string[]} */
function gitPaths(cwd, args) {
  const output = execFileSync('git', args, { cwd, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
  return output.split('\0').filter((path) => path !== '');
}
