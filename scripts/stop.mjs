// @ts-check
import { existsSync } from 'node:fs';
import { describeFailure } from './lib/base/failure.mjs';
import { homeFrom } from './lib/base/home.mjs';
import { readOptions } from './lib/base/options.mjs';
import { stopLeftovers } from './lib/system/leftovers.mjs';
import { readLock, releaseLock, takeLock } from './lib/processes/lock.mjs';
import { hasEnded, sendSignal } from './lib/processes/processes.mjs';
import { Progress } from './lib/base/progress.mjs';
import { RunFolder } from './lib/processes/run-folder.mjs';

const help = `npm stop: stops the Signalbox that \`npm start\` runs, or what a run that was killed left behind.

  SIGNALBOX_HOME   which one (.signalbox in the checkout)
`;

/** Longer than every process's own time to end taken together. */
const stopWithinMs = 60_000;

/** @returns {Promise<number>} the exit code */
async function main() {
  const home = homeFrom(process.env);
  const progress = new Progress();
  const lock = readLock(home.lockFolder);
  if (lock?.held) {
    const ended = await progress.step(
      { doing: `stopping Signalbox (pid ${lock.pid})`, done: (ok) => (ok ? 'Signalbox is stopped' : undefined) },
      async () => {
        sendSignal(lock.pid, 'SIGTERM');
        return hasEnded(lock, stopWithinMs);
      },
    );
    if (ended) return 0;
    progress.line(
      `✗ pid ${lock.pid} does not end. Kill it, then run \`npm stop\` again for what it leaves behind: kill -9 ${lock.pid}`,
    );
    return 1;
  }
  const left = existsSync(home.runFolder) ? await stopAfterKilledRun(home) : [];
  progress.line(
    left.length > 0 ? `✓ stopped what an earlier run left behind: ${left.join(', ')}` : 'Signalbox is not running.',
  );
  return 0;
}

/** @param {import('./lib/base/home.mjs').Home} home @returns {Promise<string[]>} whom it stopped */
async function stopAfterKilledRun(home) {
  const lock = takeLock(home.lockFolder, { runId: '' });
  // Another run is starting at this moment, and cleans up by itself.
  if (!lock.taken) return [];
  const run = new RunFolder(home.runFolder);
  try {
    return await stopLeftovers(lock.previous?.runId, { home, run });
  } finally {
    releaseLock(home.lockFolder);
  }
}

readOptions(help);
main().then(
  (code) => process.exit(code),
  (error) => {
    process.stdout.write(`${describeFailure(error)}\n`);
    process.exit(1);
  },
);
