// @ts-check
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeFailure } from './lib/base/failure.mjs';
import { Home, checkout } from './lib/base/home.mjs';
import { readOptions, refuseUsage } from './lib/base/options.mjs';
import { Progress, elapsed } from './lib/base/progress.mjs';
import { requireNode } from './lib/base/require-node.mjs';
import { watchInterrupts } from './lib/processes/interrupts.mjs';
import { enterRun, killUnrecorded, newRunId } from './lib/processes/run-folder.mjs';
import { runSelection } from './lib/suites/run-selection.mjs';
import { selectionOf, suiteNames } from './lib/suites/selection.mjs';
import { summary } from './lib/suites/test-counts.mjs';

const help = `npm test: installs and builds what is needed, makes a private RabbitMQ and Postgres, and runs every suite.

  npm test -- --changed           the checks, and the tests that uncommitted changes touch, also in dependent packages
  npm test -- --changed=main      the same for all that differs from where this branch left main
  npm test -- --only=unit,types   only these suites: ${suiteNames.join(', ')}
  npx vitest run libs/messaging   only some tests, of what is built already (npm run build)
`;

/** @param {import('./lib/suites/selection.mjs').Selection} selection @returns {Promise<number>} the exit code */
async function main(selection) {
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

function readSelection() {
  // parseArgs knows no option whose value may be left out.
  const args = process.argv.slice(2).map((argument) => (argument === '--changed' ? '--changed=HEAD' : argument));
  const options = /** @type {const} */ ({ only: { type: 'string' }, changed: { type: 'string' } });
  const { only, changed } = readOptions(help, { args, options }).values;
  const suites = only?.split(',') ?? suiteNames;
  const unknown = suites.find((name) => !suiteNames.includes(name));
  if (unknown !== undefined) refuseUsage(`There is no suite ${JSON.stringify(unknown)}.`, help);
  return selectionOf({ suites, changedSince: changed }, checkout);
}

process.stdout.on('error', () => {});
process.exit(await main(readSelection()));
