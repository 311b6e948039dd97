// @ts-check
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeFailure } from './lib/base/failure.mjs';
import { Home, checkout } from './lib/base/home.mjs';
import { Progress, elapsed } from './lib/base/progress.mjs';
import { requireNode } from './lib/base/require-node.mjs';
import { watchInterrupts } from './lib/processes/interrupts.mjs';
import { enterRun, killUnrecorded, newRunId } from './lib/processes/run-folder.mjs';
import { runSelection } from './lib/suites/run-selection.mjs';
import { selectionFrom, suiteNames } from './lib/suites/selection.mjs';
import { summary } from './lib/suites/test-counts.mjs';

const help = `npm test: installs and builds what is needed, makes a private RabbitMQ and Postgres, and runs every suite.

  npm test -- --changed           the checks, and the tests that uncommitted changes touch, also in dependent packages
  npm test -- --changed=main      the same for all that differs from where this branch left main
  npm test -- --only=unit,types   only these suites: ${suiteNames.join(', ')}
  npx vitest run libs/messaging   only some tests, of what is built already (npm run build)
`;

/** @returns {Promise<number>} the exit code */
async function main() {
  const argv = process.argv.slice(2);
  if (argv.includes('--help')) return print(help, 0);
  const selection = selectionFrom(argv, checkout);
  if (!selection) return print(help, 1);
  const startedAt = performance.now();
  const progress = new Progress();
  const runId = newRunId();
  enterRun(runId);
  const signal = watchInterrupts({ again: () => killUnrecorded(runId) });
  const home = new Home(mkdtempSync(join(tmpdir(), 'signalbox-test-')));
  home.create();
  /** @type {import('./lib/suites/test-counts.mjs').Counts} */
  let total = { passed: 0, failed: 1, skipped: 0 };
  try {
    requireNode();
    total = await runSelection(selection, { home, progress, signal });
  } catch (error) {
    progress.line(signal.aborted ? `Interrupted (${signal.reason.by}).` : describeFailure(error));
  }
  killUnrecorded(runId);
  rmSync(home.path, { recursive: true, force: true });
  progress.line(`\nAll suites${elapsed(startedAt)}`);
  progress.line(summary(total));
  return total.failed > 0 || total.passed === 0 ? 1 : 0;
}

/** @param {string} text @param {number} code */
function print(text, code) {
  process.stdout.write(text);
  return code;
}

process.stdout.on('error', () => {});
process.exit(await main());
