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
 * @param {{ suites: string[], changedSince: string | undefined }} wanted names of suites; `changedSince`: a revision, only what its changes touch
 * @param {string} checkout
 * @returns {Selection}
 */
export function selectionOf({ suites, changedSince }, checkout) {
  const chosen = {
    checks: checks.filter(({ name }) => suites.includes(name)),
    projects: projects.filter((name) => suites.includes(name)),
  };
  if (changedSince === undefined) return { ...chosen, files: undefined };
  const files = affectedTests(checkout, trackedFiles(checkout), changedFiles(checkout, changedSince)).filter((file) =>
    chosen.projects.includes(projectOf(file)),
  );
  return { ...chosen, projects: projects.filter((name) => files.some((file) => projectOf(file) === name)), files };
}
