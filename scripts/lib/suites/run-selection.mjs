// @ts-check
import { closeSync, openSync, readFileSync } from 'node:fs';
import { describeFailure } from '../base/failure.mjs';
import { elapsed } from '../base/progress.mjs';
import { prepare } from '../prepare/prepare.mjs';
import { ensureRabbitMq } from '../prepare/rabbitmq-package.mjs';
import { startTestPackages } from '../prepare/test-packages.mjs';
import { addCounts, summary } from './test-counts.mjs';
import { runVitest } from './vitest.mjs';

/** @typedef {import('./test-counts.mjs').Counts} Counts */
/** @typedef {{ home: import('../base/home.mjs').Home, progress: import('../base/progress.mjs').Progress, signal: AbortSignal }} Context */

const nothing = { passed: 0, failed: 0, skipped: 0 };

/**
 * Prepares the checkout and the machine and runs what is selected: the checks beside the tests, which wait more than they work.
 * @param {import('./selection.mjs').Selection} selection
 * @param {Context} context
 * @returns {Promise<Counts>}
 */
export async function runSelection(selection, context) {
  const { home, progress, signal } = context;
  if (selection.files) progress.line(describeFiles(selection.files));
  const needsServers = selection.projects.some((name) => name !== 'unit');
  /** @type {ReturnType<typeof startTestPackages> | undefined} */
  let testPackages;
  const meanwhile = async () => {
    if (!needsServers) return;
    await ensureRabbitMq({ home, progress, signal });
    // One after the other, since dpkg works on one package at a time.
    testPackages = startTestPackages({ home, progress, signal });
  };
  try {
    await prepare({ home, progress, signal, meanwhile });
    signal.throwIfAborted();
    const servers = needsServers ? startServers(progress) : undefined;
    servers?.catch(() => {});
    try {
      const checked = runChecks(selection, context);
      checked.catch(() => {});
      const env = {
        ...process.env,
        ...(await servers)?.env,
        ...(testPackages && { SIGNALBOX_TEST_PACKAGES: testPackages.statusFile }),
      };
      const tested = await runTests(selection, env, context);
      return addCounts(await checked, addCounts(tested, await outcomeOf(testPackages)));
    } finally {
      await (await servers)?.stop();
    }
  } finally {
    await testPackages?.finished.catch(() => {});
  }
}

/** @param {string[]} files @returns {string} what `--changed` has selected */
function describeFiles(files) {
  if (files.length === 0) return 'No test depends on what has changed.';
  return ['Test files that depend on what has changed:', ...files.map((file) => `  ${file}`)].join('\n');
}

/**
 * One after the other. The output of each is shown when it has ended, in one piece.
 * @param {import('./selection.mjs').Selection} selection
 * @param {Context} context
 * @returns {Promise<Counts>}
 */
async function runChecks({ checks }, { home, signal }) {
  /** @type {Counts} */
  let total = nothing;
  for (const { name, title, run } of checks) {
    const startedAt = performance.now();
    const logFile = home.logFile(name);
    const output = openSync(logFile, 'w');
    const counts = await run({ signal, env: process.env, output }).finally(() => closeSync(output));
    signal.throwIfAborted();
    process.stdout.write(`\n── ${title}\n${readFileSync(logFile, 'utf8')}${endOf(title, { counts, startedAt })}`);
    total = addCounts(total, counts);
  }
  return total;
}

/**
 * @param {import('./selection.mjs').Selection} selection
 * @param {NodeJS.ProcessEnv} env
 * @param {Context} context
 * @returns {Promise<Counts>}
 */
async function runTests({ projects, files }, env, { home, signal }) {
  if (projects.length === 0) return nothing;
  const title = `tests: ${projects.join(', ')}`;
  const startedAt = performance.now();
  process.stdout.write(`\n── ${title}\n`);
  const counts = await runVitest({ projects, files, folder: home.path, signal, env });
  signal.throwIfAborted();
  process.stdout.write(endOf(title, { counts, startedAt }));
  return counts;
}

/** @param {string} title @param {{ counts: Counts, startedAt: number }} result */
const endOf = (title, { counts, startedAt }) => `── ${title}: ${summary(counts)}${elapsed(startedAt)}\n`;

/** @param {ReturnType<typeof startTestPackages> | undefined} testPackages @returns {Promise<Counts>} what is missing counts as one failure */
async function outcomeOf(testPackages) {
  try {
    await testPackages?.finished;
    return nothing;
  } catch (error) {
    process.stdout.write(`\n${describeFailure(error)}\n`);
    return { ...nothing, failed: 1 };
  }
}

/** @param {import('../base/progress.mjs').Progress} progress */
function startServers(progress) {
  return progress.step(
    { doing: 'starting a private RabbitMQ and Postgres', done: 'a private RabbitMQ and Postgres are up' },
    async () => {
      const { startTestInfra } = await import('@signalbox/testing');
      return startTestInfra();
    },
  );
}
