// @ts-check
import { writeSync } from 'node:fs';
import { COMPILE, forGoTool } from '../base/go-tools.mjs';
import { checkout } from '../base/home.mjs';
import { describeCycle, folderCycles } from '../checks/folder-cycles.mjs';
import { trackedFiles } from '../source/tracked-files.mjs';
import { describeFinding, findWords } from '../words/find-words.mjs';
import { runTool } from './run-tool.mjs';

/** @typedef {import('./test-counts.mjs').Counts} Counts */
/** @typedef {{ signal: AbortSignal, env: NodeJS.ProcessEnv, output: number }} CheckContext `output`: the file that takes what is wrong */

/** Checks of the whole repository, in this order. Each counts as one test. */
export const checks = [
  tool('format', 'format', ['oxfmt/bin/oxfmt', '--check']),
  tool('lint', 'lint', ['oxlint/bin/oxlint', '--type-aware', '--deny-warnings']),
  tool('boundaries', 'boundaries between packages', ['turbo/bin/turbo', 'boundaries']),
  list('cycles', 'cycles of folders', () => folderCycles(checkout, trackedFiles(checkout)).map(describeCycle)),
  list('words', 'words', () => findWords(checkout, trackedFiles(checkout)).map(describeFinding)),
  tool('types', 'types', [...COMPILE]),
];

/** @param {string} name @param {string} title @param {[string, ...string[]]} command a script in node_modules and its arguments */
function tool(name, title, command) {
  const run = async (/** @type {CheckContext} */ context) =>
    countsOf(await runTool(command, { ...context, env: forGoTool(context.env) }));
  return { name, title, run };
}

/** @param {string} name @param {string} title @param {() => string[]} find what is wrong */
function list(name, title, find) {
  const run = async (/** @type {CheckContext} */ { output }) => {
    const found = find();
    for (const text of found) writeSync(output, `${text}\n`);
    return countsOf(found.length === 0);
  };
  return { name, title, run };
}

/** @param {boolean} well @returns {Counts} */
function countsOf(well) {
  return { passed: well ? 1 : 0, failed: well ? 0 : 1, skipped: 0 };
}
