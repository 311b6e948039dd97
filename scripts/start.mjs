// @ts-check
import { stopContainers } from './lib/infrastructure/docker.mjs';
import { Failure, describeFailure } from './lib/failure.mjs';
import { homeFrom } from './lib/home.mjs';
import { watchInterrupts } from './lib/interrupts.mjs';
import { invitation } from './lib/invitation.mjs';
import { releaseLock, takeLock } from './lib/lock.mjs';
import { Progress, elapsed } from './lib/progress.mjs';
import { requireNode } from './lib/require-node.mjs';
import { RunFolder, enterRun, killUnrecorded, newRunId } from './lib/run-folder.mjs';
import { System } from './lib/system.mjs';

const help = `npm start: installs and builds what is needed, starts Signalbox, and stops it on Ctrl-C.

  PORT                       the gateway's port (8080)
  HOST                       the address it listens on (127.0.0.1)
  SIGNALBOX_HOME             where keys, ports, pids, logs and data are kept (.signalbox in the checkout)
  SIGNALBOX_MANAGEMENT_PORT  the gateway's /livez, /readyz and /metrics (3001, or any free port)
  DATABASE_URL, RABBITMQ_URL use these servers; without them Docker is used where it runs, else servers are made here

npm stop stops it from elsewhere.
`;

/** @returns {Promise<number>} the exit code */
async function main() {
  if (process.argv.includes('--help')) return print(help);
  const startedAt = performance.now();
  const progress = new Progress();
  const home = homeFrom(process.env);
  /** @type {System | undefined} */
  let system;
  const signal = watchInterrupts({ again: () => system?.kill() });
  signal.addEventListener('abort', () => progress.line(`Stopping (${signal.reason.by}). Once more ends everything at once.`));
  try {
    requireNode();
    const port = portFrom(process.env);
    home.create();
    const runId = newRunId();
    const lock = takeLock(home.lockFolder, { port, runId });
    if (!lock.taken) throw alreadyRunning(lock.holder);
    process.env.SIGNALBOX_HOME = home.path;
    enterRun(runId);
    const run = new RunFolder(home.runFolder);
    await cleanUpAfter(lock.previous, { home, run, progress });
    run.record('supervisor', process.pid);
    system = new System({ home, run, progress, port, runId });
    try {
      const readersAreLive = await system.start(signal);
      if (!readersAreLive) progress.line(`! the sample readers are not live after 30 s; their logs are in ${home.logFolder}`);
      const seconds = Math.round((performance.now() - startedAt) / 1_000);
      progress.line(invitation({ gatewayUrl: system.gatewayUrl, adminKeyFile: home.adminKeyFile, seconds }));
      await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
      return 0;
    } catch (error) {
      if (signal.aborted) return 0;
      progress.line(describeFailure(error));
      return 1;
    } finally {
      await stop(system, progress);
      run.forget('supervisor', process.pid);
      releaseLock(home.lockFolder);
    }
  } catch (error) {
    progress.line(describeFailure(error));
    return 1;
  }
}

/** @param {System} system @param {Progress} progress */
async function stop(system, progress) {
  const startedAt = performance.now();
  await system.stop();
  progress.line(`Stopped${elapsed(startedAt)}. Nothing is left running.`);
}

/**
 * A run that was killed could not stop what it had started.
 * @param {{ pid?: number, runId?: string, released?: boolean } | undefined} previous
 * @param {{ home: import('./lib/home.mjs').Home, run: RunFolder, progress: Progress }} options
 */
async function cleanUpAfter(previous, { home, run, progress }) {
  const left = run.running();
  if (left.length > 0) {
    const names = left.map(({ name }) => name).join(', ');
    await progress.step({ doing: `stopping what an earlier run left behind: ${names}`, done: `stopped what an earlier run left behind: ${names}` }, () => run.stop());
  } else {
    await run.stop();
  }
  await stopContainers(home);
  if (previous?.runId) killUnrecorded(previous.runId);
}

/** @param {{ pid: number, port: number }} holder */
function alreadyRunning({ pid, port }) {
  return new Failure(`already running (pid ${pid}, http://127.0.0.1:${port}); stop it with Ctrl-C there or \`npm stop\``);
}

/** @param {NodeJS.ProcessEnv} env */
function portFrom(env) {
  const text = env.PORT || '8080';
  const port = Number(text);
  if (!Number.isInteger(port) || port < 1 || port > 65_535) throw new Failure(`PORT=${text} is not a port: 1 to 65535`);
  return port;
}

/** @param {string} text */
function print(text) {
  process.stdout.write(text);
  return 0;
}

// Whoever read our output may go before us (`npm start | head`); that is no reason to leave everything running unwatched.
process.stdout.on('error', () => {});
process.stderr.on('error', () => {});
process.exit(await main());
