// @ts-check
import { join } from 'node:path';
import { unlistedLongFiles } from './long-files.mjs';
import { runTool } from './run-tool.mjs';
import { countsOfVitest, resultsOfVitest } from './test-counts.mjs';

/** The projects of vitest.config.ts: `unit` is pure, the others use servers. */
export const projects = /** @type {const} */ (['unit', 'integration', 'component', 'system']);

/**
 * Runs the tests of all given projects in one process, so that no worker is idle between them.
 * @param {{ projects: string[], files: string[] | undefined, folder: string, signal: AbortSignal, env: NodeJS.ProcessEnv }} options
 *   `files`: only these
 * @returns {Promise<import('./test-counts.mjs').Counts>}
 */
export async function runVitest({ projects: chosen, files = [], folder, signal, env }) {
  const report = join(folder, 'vitest.json');
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  const selection = [...chosen.map((name) => `--project=${name}`), ...files];
  const well = await runTool(['vitest/vitest.mjs', 'run', ...selection, ...reporters], { signal, env });
  for (const file of unlistedLongFiles(resultsOfVitest(report)))
    process.stdout.write(`! took long and is not in scripts/lib/suites/long-files.mjs: ${file}\n`);
  return countsOfVitest(report, well);
}

/** @param {string} file @returns {(typeof projects)[number]} the project that a test file belongs to */
export function projectOf(file) {
  if (file.startsWith('test/component/')) return 'component';
  if (file.startsWith('test/')) return 'system';
  return /^(scripts|[^/]+\/[^/]+\/src)\//.test(file) ? 'unit' : 'integration';
}
