// @ts-check
import { affectedTests } from '../source/affected-tests.mjs';
import { changedFiles, trackedFiles } from '../source/tracked-files.mjs';
import { checks } from './checks.mjs';
import { projectOf, projects } from './vitest.mjs';

/** What `--only` chooses from. */
export const suiteNames = [...checks.map(({ name }) => name), ...projects];

/**
 * @typedef {{ checks: typeof checks, projects: string[], files: string[] | undefined }} Selection
 *   what to run; `files`: only these test files
 */

/**
 * @param {string[]} argv `--only=` with names of suites, `--changed` or `--changed=` with a revision
 * @param {string} checkout
 * @returns {Selection | undefined} undefined when an argument is wrong
 */
export function selectionFrom(argv, checkout) {
  if (argv.some((argument) => !/^--(only=.+|changed(=.+)?)$/.test(argument))) return undefined;
  const names = valueOf(argv, '--only')?.split(',') ?? suiteNames;
  if (names.some((name) => !suiteNames.includes(name))) return undefined;
  const chosen = {
    checks: checks.filter(({ name }) => names.includes(name)),
    projects: projects.filter((name) => names.includes(name)),
  };
  if (!argv.some((argument) => argument.startsWith('--changed'))) return { ...chosen, files: undefined };
  const files = affectedTests(
    checkout,
    trackedFiles(checkout),
    changedFiles(checkout, valueOf(argv, '--changed') ?? 'HEAD'),
  ).filter((file) => chosen.projects.includes(projectOf(file)));
  return { ...chosen, projects: projects.filter((name) => files.some((file) => projectOf(file) === name)), files };
}

/** @param {string[]} argv @param {string} option @returns {string | undefined} */
function valueOf(argv, option) {
  return argv.find((argument) => argument.startsWith(`${option}=`))?.slice(option.length + 1);
}
