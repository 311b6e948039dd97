// @ts-check
import { readFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { importsIn, isSource, relativeImport } from './imports.mjs';

/** Files that every test depends on. */
const shared = /^(package(-lock)?\.json|tsconfig[\w.]*\.json|vitest[\w.]*\.ts|\.ci\/.*)$/;
/** The global setups of vitest.config.ts and what they copy: every test depends on these and on what they import. */
const globalSetups = [
  'libs/testing/src/vitest-global-setup.ts',
  'scripts/lib/prepare/bundle-for-tests.mjs',
  'scripts/lib/prepare/bundle-entry.mjs',
];
/** Where a quoted path or the name of an app means that the file starts or reads it. In other sources only a relative path does. */
const namesPaths = /^(test|scripts|libs\/testing|docs)\/|^(libs|apps)\/[^/]+\/test\/|\.test\.ts$|^README\.md$/;
/** A quoted path, which may have values within, as in `apps/${name}/bundle/main.js`. */
const literal = /(['"`])((?:[\w@./-]|\$\{[^{}`]*\})+)\1/g;
/** One word is as likely a value as a folder at the root. These are folders. */
const folderWords = ['scripts', 'examples', 'apps', 'libs', 'deploy', 'docs'];

/**
 * Follows imports backwards from changed files to tests, over the entries of packages (`@signalbox/x` is its source, although
 * tests load what is built) and over quoted paths: a system test that starts `gateway` depends on that app's `main.ts`. All that
 * a package exports counts as one, so a change of a library reaches everything that imports it. In doubt a test is touched.
 * @param {string} checkout
 * @param {string[]} files all files
 * @param {string[]} changed
 * @returns {string[]} the test files that a change touches
 */
export function affectedTests(checkout, files, changed) {
  const tests = files.filter((file) => file.endsWith('.test.ts'));
  const all = new Set([...files, ...changed]); // What is deleted is still named.
  const imports = importsOf(checkout, files, all);
  const basis = following(globalSetups, imports);
  if (changed.some((file) => shared.test(file) || basis.has(file))) return tests;
  const importers = importersOf(checkout, files, all, imports);
  const touched = changed.flatMap((file) => [file, ...sourcesDescribedBy(file, files)]);
  const reached = following(touched, importers);
  return tests.filter((file) => reached.has(file));
}

/** @param {string[]} from @param {Map<string, Set<string>>} edges @returns {Set<string>} `from` and all that can be reached from there */
function following(from, edges) {
  const reached = new Set(from);
  // A set that grows while it is iterated over is a queue.
  for (const file of reached) for (const next of edges.get(file) ?? []) reached.add(next);
  return reached;
}

/** @param {string} file @param {string[]} files @returns {string[]} a manifest or compiler project describes all sources of its package */
function sourcesDescribedBy(file, files) {
  if (!/^((libs|apps)\/[^/]+|test|scripts)\/[\w.]+\.json$/.test(file)) return [];
  return files.filter((each) => each.startsWith(`${dirname(file)}/`));
}

/** @param {string} checkout @param {string[]} files @param {Set<string>} all @returns {Map<string, Set<string>>} by file, what it imports */
function importsOf(checkout, files, all) {
  const entries = packageEntries(checkout, files);
  return new Map(
    files.filter(isSource).map((file) => {
      const names = importsIn(readFileSync(join(checkout, file), 'utf8'));
      return [file, new Set(names.flatMap((name) => relativeImport(file, name, all) ?? entries.get(name) ?? []))];
    }),
  );
}

/**
 * @param {string} checkout
 * @param {string[]} files
 * @param {Set<string>} all
 * @param {Map<string, Set<string>>} imports
 * @returns {Map<string, Set<string>>} by file, the files that import or name it
 */
function importersOf(checkout, files, all, imports) {
  /** @type {Map<string, Set<string>>} */
  const importers = new Map();
  for (const file of files.filter((each) => isSource(each) || namesPaths.test(each))) {
    for (const target of [...(imports.get(file) ?? []), ...pathsIn(checkout, file, all)]) {
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
  return path.replace(/\/(dist|bundle)\//, '/src/').replace(/\.js$/, '.ts');
}

/** @param {string} checkout @param {string} from @param {Set<string>} all @returns {string[]} the files that quoted paths mean */
function pathsIn(checkout, from, all) {
  const text = readFileSync(join(checkout, from), 'utf8');
  const quoted = new Set([...text.matchAll(literal)].map(([, , path = '']) => path.replaceAll(/\$\{[^}]*\}/g, '*')));
  return [...quoted]
    .filter((path) => namesPaths.test(from) || path.startsWith('.'))
    .map((path) => path.replace(/\/$/, ''))
    .flatMap((path) => (path.includes('*') ? matching(path, from, all) : named(path, from, all)));
}

/** @param {string} quoted @param {string} from @param {Set<string>} all @returns {string[]} */
function named(quoted, from, all) {
  const paths = placesOf(quoted, from);
  const found = [...paths, `apps/${quoted}/src/main.ts`].filter((path) => all.has(path));
  if (found.length > 0) return found;
  const folders = quoted.includes('/') ? paths : folderWords.filter((word) => word === quoted);
  return [...all].filter((file) => folders.some((folder) => file.startsWith(`${folder}/`)));
}

/**
 * @param {string} quoted with `*` for each value
 * @param {string} from
 * @param {Set<string>} all
 * @returns {string[]} all files and all that is below the folders that it may mean
 */
function matching(quoted, from, all) {
  // A value in front is the checkout. A path that says nothing else could mean anything.
  const path = quoted.replace(/^\*\//, '');
  if (!/^(\.{1,2}\/)*[\w-][\w.-]*\//.test(path)) return [];
  const escaped = placesOf(path, from).map((each) => each.replaceAll('.', '\\.').replaceAll('*', '[^/]*'));
  const expression = new RegExp(`^(${escaped.join('|')})(/|$)`);
  return [...all].filter((file) => expression.test(file));
}

/** @param {string} path @param {string} from @returns {string[]} from the root, from the file and from its package, built or source */
function placesOf(path, from) {
  const roots = ['', dirname(from), /^(libs|apps)\/[^/]+/.exec(from)?.[0] ?? ''];
  const places = roots.map((root) => posix.join(root, path)).filter((place) => !/^[./]*$/.test(place));
  return [...new Set(places.flatMap((place) => [place, sourceOf(place)]))];
}
