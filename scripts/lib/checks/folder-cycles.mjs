// @ts-check
import { readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { importsIn, isSource, relativeImport } from '../source/imports.mjs';

/** @typedef {{ from: string, to: string, fromFile: string, toFile: string }} Edge one folder imports another, shown by one import */

/** Tests beside the source may import what they like: nothing imports them. */
const isCounted = (/** @type {string} */ file) => isSource(file) && !file.endsWith('.test.ts');

/**
 * Finds folders of one package that need each other. A folder is known by its path; a file directly in the package's root (its
 * composition root, its configuration) stands for itself.
 * @param {string} checkout
 * @param {string[]} files
 * @returns {Edge[][]} one shortest cycle for each knot of folders
 */
export function folderCycles(checkout, files) {
  const sources = files.filter(isCounted);
  const all = new Set(sources);
  /** @type {Map<string, Map<string, Edge>>} */
  const graph = new Map();
  for (const fromFile of sources) {
    const from = nodeOf(fromFile);
    if (from === undefined) continue;
    for (const name of importsIn(readFileSync(join(checkout, fromFile), 'utf8'))) {
      const toFile = relativeImport(fromFile, name, all);
      const to = toFile && nodeOf(toFile);
      if (!toFile || !to || to === from || rootOf(toFile) !== rootOf(fromFile)) continue;
      const edges = graph.get(from) ?? new Map();
      graph.set(from, edges);
      if (!edges.has(to)) edges.set(to, { from, to, fromFile, toFile });
    }
  }
  return cyclesOf(graph);
}

/** @param {Edge[]} cycle @returns {string} */
export function describeCycle(cycle) {
  const folders = [...cycle.map(({ from }) => from), cycle[0]?.from].join(' → ');
  return [
    `Folders import each other: ${folders}`,
    ...cycle.map(({ fromFile, toFile }) => `  ${fromFile} imports ${toFile}`),
  ].join('\n');
}

/** @param {string} file @returns {string | undefined} the root of the sources it belongs to */
function rootOf(file) {
  return /^((?:libs|apps|clients)\/[^/]+\/src|scripts|test)\//.exec(file)?.[1];
}

/** @param {string} file */
function nodeOf(file) {
  const root = rootOf(file);
  if (root === undefined) return undefined;
  const folder = posix.dirname(file);
  return folder === root ? file : folder;
}

/** @param {Map<string, Map<string, Edge>>} graph @returns {Edge[][]} */
function cyclesOf(graph) {
  /** @type {Edge[][]} */
  const cycles = [];
  const covered = new Set();
  for (const start of [...graph.keys()].toSorted()) {
    if (covered.has(start)) continue;
    const cycle = shortestCycle(graph, start);
    if (!cycle) continue;
    cycles.push(cycle);
    for (const { from } of cycle) covered.add(from);
  }
  return cycles;
}

/** @param {Map<string, Map<string, Edge>>} graph @param {string} start @returns {Edge[] | undefined} by a breadth-first search */
function shortestCycle(graph, start) {
  /** @type {Edge[][]} */
  const paths = [[]];
  const seen = new Set();
  for (const path of paths) {
    for (const edge of graph.get(path.at(-1)?.to ?? start)?.values() ?? []) {
      if (edge.to === start) return [...path, edge];
      if (seen.has(edge.to)) continue;
      seen.add(edge.to);
      paths.push([...path, edge]);
    }
  }
  return undefined;
}
