// @ts-check
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeFailure } from './lib/base/failure.mjs';
import { Home } from './lib/base/home.mjs';
import { watchInterrupts } from './lib/processes/interrupts.mjs';
import { prepare } from './lib/prepare/prepare.mjs';
import { Progress, elapsed } from './lib/base/progress.mjs';
import { ensureRabbitMq } from './lib/prepare/rabbitmq-package.mjs';
import { requireNode } from './lib/base/require-node.mjs';
import { enterRun, killUnrecorded, newRunId } from './lib/processes/run-folder.mjs';
import { suites } from './lib/suites/suites.mjs';
import { addCounts, summary } from './lib/suites/test-counts.mjs';
import { ensureTestPackages } from './lib/prepare/test-packages.mjs';

const help = `npm test: installs and builds what is needed, makes a private RabbitMQ and Postgres, and runs every suite.

  npm test -- --only=unit,types   only these suites: ${suites.map(({ name }) => name).join(', ')}
`;

/** @param {string[]} argv @returns {typeof suites} those asked for; none when a name is wrong */
function chosenSuites(argv) {
  const only = argv
    .find((argument) => argument.startsWith('--only='))
    ?.slice('--only='.length)
    .split(',');
  if (!only) return suites;
  return only.every((name) => suites.some((suite) => suite.name === name))
    ? suites.filter(({ name }) => only.includes(name))
    : [];
}

/**
 * @param {typeof suites} chosen
 * @param {{ folder: string, progress: Progress, signal: AbortSignal }} options `folder`: for what is written meanwhile
 * @returns {Promise<import('./lib/suites/test-counts.mjs').Counts>}
 */
async function runSuites(chosen, { folder, progress, signal }) {
  const home = new Home(folder);
  home.create();
  const needsServers = chosen.some((suite) => suite.needsServers);
  const meanwhile = async () => {
    if (needsServers) await ensureRabbitMq({ home, progress, signal });
    if (chosen.some((suite) => suite.needsTestPackages)) await ensureTestPackages({ home, progress, signal });
  };
  await prepare({ home, progress, signal, meanwhile });
  signal.throwIfAborted();
  const servers = needsServers ? await startServers(progress) : undefined;
  try {
    let total = { passed: 0, failed: 0, skipped: 0 };
    for (const suite of chosen) {
      const startedAt = performance.now();
      process.stdout.write(`\n── ${suite.title}\n`);
      const counts = await suite.run({ folder, signal, env: { ...process.env, ...servers?.env } });
      signal.throwIfAborted();
      process.stdout.write(`── ${suite.title}: ${summary(counts)}${elapsed(startedAt)}\n`);
      total = addCounts(total, counts);
    }
    return total;
  } finally {
    await servers?.stop();
  }
}

/** @param {Progress} progress */
function startServers(progress) {
  return progress.step(
    { doing: 'starting a private RabbitMQ and Postgres', done: 'a private RabbitMQ and Postgres are up' },
    async () => {
      const { startTestInfra } = await import('@signalbox/testing');
      return startTestInfra();
    },
  );
}

/** @returns {Promise<number>} the exit code */
async function main() {
  const argv = process.argv.slice(2);
  const chosen = chosenSuites(argv);
  if (argv.includes('--help') || chosen.length === 0) {
    process.stdout.write(help);
    return argv.includes('--help') ? 0 : 1;
  }
  const startedAt = performance.now();
  const progress = new Progress();
  const runId = newRunId();
  enterRun(runId);
  const signal = watchInterrupts({ again: () => killUnrecorded(runId) });
  const folder = mkdtempSync(join(tmpdir(), 'signalbox-test-'));
  /** @type {import('./lib/suites/test-counts.mjs').Counts} */
  let total = { passed: 0, failed: 1, skipped: 0 };
  try {
    requireNode();
    total = await runSuites(chosen, { folder, progress, signal });
  } catch (error) {
    progress.line(signal.aborted ? `Interrupted (${signal.reason.by}).` : describeFailure(error));
  }
  killUnrecorded(runId);
  rmSync(folder, { recursive: true, force: true });
  progress.line(`\nAll suites${elapsed(startedAt)}`);
  progress.line(summary(total));
  return total.failed > 0 || total.passed === 0 ? 1 : 0;
}

process.stdout.on('error', () => {});
process.exit(await main());
