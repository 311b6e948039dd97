// @ts-check
import { Failure, describeFailure } from './lib/base/failure.mjs';
import { homeFrom } from './lib/base/home.mjs';
import { readOptions } from './lib/base/options.mjs';
import { watchInterrupts } from './lib/processes/interrupts.mjs';
import { invitation } from './lib/system/invitation.mjs';
import { stopLeftovers } from './lib/system/leftovers.mjs';
import { releaseLock, takeLock } from './lib/processes/lock.mjs';
import { portFrom } from './lib/processes/ports.mjs';
import { Progress, elapsed } from './lib/base/progress.mjs';
import { requireNode } from './lib/base/require-node.mjs';
import { RunFolder, enterRun, newRunId } from './lib/processes/run-folder.mjs';
import { System } from './lib/system/system.mjs';

const help = `npm start: installs and builds what is needed, starts Signalbox, and stops it on Ctrl-C.

  PORT                       the gateway's port (8080)
  HOST                       the address it listens on (127.0.0.1)
  SIGNALBOX_HOME             where keys, ports, pids, logs and data are kept (.signalbox in the checkout)
  SIGNALBOX_MANAGEMENT_PORT  the gateway's /livez, /readyz and /metrics (3001, or any free port)
  DATABASE_URL, RABBITMQ_URL use these servers; without them Docker is used where it runs, else servers are made here

  SIGNALBOX_CONFIG_FILE      projects, connections and packages to begin with (examples/signalbox.config.json)

npm start -- --init          forgets stored projects and loads that file again
npm stop                     stops it from elsewhere
npm run logs                 prints its logs
`;

/** @param {{ init?: boolean }} options @returns {Promise<number>} the exit code */
async function main({ init = false }) {
  const progress = new Progress();
  const home = homeFrom(process.env);
  /** @type {System | undefined} */
  let system;
  const signal = watchInterrupts({ again: () => system?.kill() });
  signal.addEventListener('abort', () =>
    progress.line(`Stopping (${signal.reason.by}). Once more ends everything at once.`),
  );
  try {
    requireNode();
    // One that is not valid is reported with all other values that are not.
    const port = portFrom(process.env) ?? 0;
    home.create();
    const runId = newRunId();
    const lock = takeLock(home.lockFolder, { port, runId });
    if (!lock.taken) throw alreadyRunning(lock.holder);
    process.env.SIGNALBOX_HOME = home.path;
    enterRun(runId);
    const run = new RunFolder(home.runFolder);
    try {
      await cleanUpAfter(lock.previous, { home, run, progress });
      run.record('supervisor', process.pid);
      system = new System({ home, run, progress, port, initialize: init, runId });
      await runUntilStopped(system, { home, progress, signal });
    } finally {
      run.forget('supervisor', process.pid);
      releaseLock(home.lockFolder);
    }
    return 0;
  } catch (error) {
    if (signal.aborted) return 0;
    progress.line(describeFailure(error));
    return 1;
  }
}

/**
 * Ends when everything it started is gone again.
 * @param {System} system
 * @param {{ home: import('./lib/base/home.mjs').Home, progress: Progress, signal: AbortSignal }} options
 */
async function runUntilStopped(system, { home, progress, signal }) {
  try {
    const samplesAreUp = await system.start(signal);
    if (!samplesAreUp)
      progress.line(
        `! a sample reader is not live, a sample datasource not active or the dataplane not healthy after 30 s; their logs are in ${home.logFolder}`,
      );
    const seconds = Math.round(performance.now() / 1_000);
    progress.line(invitation({ gatewayUrl: system.gatewayUrl, adminKeyFile: home.adminKeyFile, seconds }));
    await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
  } finally {
    const startedAt = performance.now();
    await system.stop();
    if (signal.aborted) progress.line(`Stopped${elapsed(startedAt)}. Nothing is left running.`);
  }
}

/**
 * A run that was killed could not stop what it had started.
 * @param {{ runId?: string } | undefined} previous
 * @param {{ home: import('./lib/base/home.mjs').Home, run: RunFolder, progress: Progress }} options
 */
async function cleanUpAfter(previous, { home, run, progress }) {
  const what = 'what an earlier run left behind';
  await progress.step(
    {
      doing: `stopping ${what}`,
      done: (names) => (names.length > 0 ? `stopped ${what}: ${names.join(', ')}` : undefined),
    },
    () => stopLeftovers(previous?.runId, { home, run }),
  );
}

/** @param {{ pid: number, port: number }} holder */
function alreadyRunning({ pid, port }) {
  return new Failure(
    `already running (pid ${pid}, http://127.0.0.1:${port}); stop it with Ctrl-C there or \`npm stop\``,
  );
}

// The reader of our output may end before us (`npm start | head`). Everything goes on under supervision.
process.stdout.on('error', () => {});
process.stderr.on('error', () => {});
const { values } = readOptions(help, { options: { init: { type: 'boolean' } } });
process.exit(await main(values));
