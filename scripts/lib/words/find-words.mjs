// @ts-check
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { excludedPaths, words } from './word-list.mjs';

/** @typedef {{ file: string, line: number, found: string, instead: string }} Finding `line`: 0 for the name of the file */

const textFile = /\.(ts|mjs|md|json|ya?ml|html|py|sql|sh|env|example|conf)$|(^|\/)(Dockerfile|run)$/;
const rules = words.map(({ word, ...rule }) => ({ ...rule, pattern: new RegExp(`\\b(?:${word.source})\\b`, 'gi') }));

/**
 * @param {string} checkout
 * @param {string[]} files
 * @returns {Finding[]} each use of a listed word, in names of files, code, comments and prose
 */
export function findWords(checkout, files) {
  return files
    .filter((file) => textFile.test(file) && !excludedPaths.some((path) => path.test(file)))
    .flatMap((file) => {
      const lines = [file, ...readFileSync(join(checkout, file), 'utf8').split('\n')];
      return lines.flatMap((text, line) => wordsIn(text).map((each) => ({ file, line, ...each })));
    });
}

/** @param {string} line @returns {{ found: string, instead: string }[]} */
export function wordsIn(line) {
  return rules.flatMap(({ pattern, instead, allow }) => {
    const rest = allow ? line.replaceAll(allow, '') : line;
    // Identifiers are taken apart, so that camel case and underscores separate words.
    const plain = rest.replaceAll(/([a-z\d])([A-Z])/g, '$1 $2').replaceAll('_', ' ');
    return [...plain.matchAll(pattern)].map(([found]) => ({ found, instead }));
  });
}

/** @param {Finding} finding @returns {string} */
export function describeFinding({ file, line, found, instead }) {
  return `${file}${line > 0 ? `:${line}` : ' (its name)'}: "${found}". Write instead: ${instead}`;
}
