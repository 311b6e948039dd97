// @ts-check
import { readFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { importsIn, isSource, relativeImport } from './imports.mjs';

/** Files that every test depends on. */
const shared = /^(package(-lock)?\.json|tsconfig[\w.]*\.json|vitest[\w.]*\.ts|\.ci\/.*)$/;
/** Where a quoted path or the name of an app means that the file starts or reads it. */
const namesPaths = /^(test|scripts|libs\/testing)\/|^(libs|apps)\/[^/]+\/test\//;
const literal = /(['"`])([\w@./-]+)\1/g;

/**
 * Follows imports backwards from changed files to tests, over the entries of packages (`@signalbox/x` is its source, although
 * tests load what is built) and over quoted paths: a system test that starts `gateway` depends on that app's `main.ts`. All that
 * a package exports counts as one, so a change of a library reaches everything that imports it.
 * @param {string} checkout
 * @param {string[]} files all files
 * @param {string[]} changed
 * @returns {string[]} the test files that a change touches
 */
export function affectedTests(checkout, files, changed) {
  const tests = files.filter((file) => file.endsWith('.test.ts'));
  if (changed.some((file) => shared.test(file))) return tests;
  const importers = importersOf(checkout, files);
  const queue = changed.flatMap((file) => [file, ...sourcesDescribedBy(file, files)]);
  const reached = new Set(queue);
  for (const file of queue) {
    for (const importer of importers.get(file) ?? []) {
      if (reached.has(importer)) continue;
      reached.add(importer);
      queue.push(importer);
    }
  }
  return tests.filter((file) => reached.has(file));
}

/** @param {string} file @param {string[]} files @returns {string[]} a manifest or compiler project describes all sources of its package */
function sourcesDescribedBy(file, files) {
  if (!/^(libs|apps)\/[^/]+\/[\w.]+\.json$/.test(file)) return [];
  return files.filter((each) => each.startsWith(`${dirname(file)}/`));
}

/** @param {string} checkout @param {string[]} files @returns {Map<string, Set<string>>} by file, the files that import or name it */
function importersOf(checkout, files) {
  const all = new Set(files);
  const entries = packageEntries(checkout, files);
  /** @type {Map<string, Set<string>>} */
  const importers = new Map();
  for (const file of files.filter(isSource)) {
    const text = readFileSync(join(checkout, file), 'utf8');
    const used = importsIn(text).map((name) => relativeImport(file, name, all) ?? entries.get(name));
    const named = namesPaths.test(file) ? pathsIn(text, file, all, files) : [];
    for (const target of [...used, ...named]) {
      if (target === undefined) continue;
      const known = importers.get(target) ?? new Set();
      importers.set(target, known.add(file));
    }
  }
  return importers;
}

/** @param {string} checkout @param {string[]} files @returns {Map<string, string>} by what is imported, its source */
function packageEntries(checkout, files) {
  /** @type {Map<string, string>} */
  const entries = new Map();
  for (const file of files.filter((each) => /^libs\/[^/]+\/package\.json$/.test(each))) {
    const { name, exports = {} } = JSON.parse(readFileSync(join(checkout, file), 'utf8'));
    for (const [entry, target] of Object.entries(exports)) {
      const built = posix.join(dirname(file), target.default ?? target);
      entries.set(posix.join(name, entry), sourceOf(built));
    }
  }
  return entries;
}

/** @param {string} path of something built */
function sourceOf(path) {
  return path.replace('/dist/', '/src/').replace(/\.js$/, '.ts');
}

/** @param {string} text @param {string} from @param {Set<string>} all @param {string[]} files @returns {string[]} the files that quoted paths mean */
function pathsIn(text, from, all, files) {
  return [...text.matchAll(literal)].flatMap(([, , quoted = '']) => {
    const beside = posix.join(posix.dirname(from), quoted);
    const candidates = [quoted, sourceOf(quoted), beside, `apps/${quoted}/src/main.ts`];
    const file = candidates.find((path) => all.has(path));
    if (file) return [file];
    // One word is as likely a value as a folder at the root.
    const isFolder = quoted.includes('/') || ['scripts', 'examples', 'apps', 'libs', 'deploy'].includes(quoted);
    return isFolder ? files.filter((path) => path.startsWith(`${quoted.replace(/\/$/, '')}/`)) : [];
  });
}
