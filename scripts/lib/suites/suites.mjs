// @ts-check
import { join } from 'node:path';
import { runInGroup } from '../processes/command.mjs';
import { checkout } from '../base/home.mjs';
import { countsOfVitest } from './test-counts.mjs';

/** @typedef {{ folder: string, signal: AbortSignal, env: NodeJS.ProcessEnv }} SuiteContext */
/** @typedef {import('./test-counts.mjs').Counts} Counts */

const quietTurbo = { TURBO_TELEMETRY_DISABLED: '1', DO_NOT_TRACK: '1', TURBO_NO_UPDATE_NOTIFIER: '1' };

/** What `npm test` runs, in this order. A check that is no test runner counts as one test. */
export const suites = [
  check('lint', 'lint', ['oxlint/bin/oxlint', '--type-aware', '--deny-warnings']),
  check('boundaries', 'boundaries between packages', ['turbo/bin/turbo', 'boundaries']),
  check('types', 'types', ['typescript/bin/tsc', '-b']),
  vitest('unit', 'unit and integration', ['--project', '!test']),
  { ...vitest('e2e', 'end to end', ['--project', 'test']), needsTestPackages: true },
];

/** @param {string} name @param {string} title @param {string[]} command a script in node_modules and its arguments */
function check(name, title, command) {
  /** @param {SuiteContext} context @returns {Promise<Counts>} */
  const run = async (context) => {
    const well = await runVisibly(command, context);
    return { passed: well ? 1 : 0, failed: well ? 0 : 1, skipped: 0 };
  };
  return { name, title, needsServers: false, needsTestPackages: false, run };
}

/** @param {string} name @param {string} title @param {string[]} selection */
function vitest(name, title, selection) {
  /** @param {SuiteContext} context @returns {Promise<Counts>} */
  const run = async (context) => {
    const report = join(context.folder, `${name}.json`);
    const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
    const well = await runVisibly(['vitest/vitest.mjs', 'run', ...selection, ...reporters], context);
    return countsOfVitest(report, well);
  };
  return { name, title, needsServers: true, needsTestPackages: false, run };
}

/**
 * Runs a tool of node_modules with its output in ours.
 * @param {string[]} command
 * @param {SuiteContext} context
 * @returns {Promise<boolean>} whether it ended with 0
 */
async function runVisibly([tool = '', ...args], { signal, env }) {
  const command = [process.execPath, join(checkout, 'node_modules', tool), ...args];
  const ended = await runInGroup(command, { output: 'inherit', signal, cwd: checkout, env: { ...env, ...quietTurbo } });
  return ended === 'exit code 0';
}
