// @ts-check
import { posix } from 'node:path';

const specifier = /(?:\bfrom\s*|\bimport\s*|\bimport\(\s*)(['"])([^'"\n]+)\1/g;

/** @param {string} file */
export function isSource(file) {
  return /\.(ts|mjs)$/.test(file);
}

/** @param {string} text @returns {string[]} what a source file imports or exports from elsewhere, types and JSDoc types included */
export function importsIn(text) {
  return [...text.matchAll(specifier)].map(([, , name = '']) => name);
}

/**
 * @param {string} from a file
 * @param {string} name what it imports
 * @param {Set<string>} files all source files
 * @returns {string | undefined} the file that is meant; undefined for what is no file of ours
 */
export function relativeImport(from, name, files) {
  if (!name.startsWith('.')) return undefined;
  const path = posix.join(posix.dirname(from), name);
  return [path, path.replace(/\.js$/, '.ts')].find((file) => files.has(file));
}
