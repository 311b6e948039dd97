// @ts-check
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { runCommand } from '../processes/command.mjs';
import { allOrFirstFailure } from '../base/all-or-first-failure.mjs';
import { Failure } from '../base/failure.mjs';
import { COMPILE, forGoTool } from '../base/go-tools.mjs';
import { Home, checkout } from '../base/home.mjs';
import { readLock, releaseLock, takeLock } from '../processes/lock.mjs';
import { packagesAreInstalled } from './packages.mjs';

/**
 * Installs and builds what is not yet installed and built. Two runs in one checkout (say `npm start` and `npm test`) take turns.
 * @param {{ home: Home, progress: import('../base/progress.mjs').Progress, signal: AbortSignal, meanwhile: () => Promise<void> }} options
 *   `meanwhile` runs beside the installation
 */
export async function prepare({ home, progress, signal, meanwhile }) {
  const turns = join(checkout, '.signalbox', 'prepare-lock');
  await takeTurn(turns, progress, signal);
  try {
    await allOrFirstFailure([install({ home, progress, signal }), meanwhile()]);
    await build({ home, progress, signal });
  } finally {
    releaseLock(turns);
  }
}

/** @param {{ home: Home, progress: import('../base/progress.mjs').Progress, signal: AbortSignal }} options */
async function install({ home, progress, signal }) {
  if (packagesAreInstalled(checkout)) return;
  refuseUnderRunningServices();
  await progress.step({ doing: 'installing packages', done: 'packages installed' }, () =>
    runCommand(['npm', 'ci', '--no-audit', '--no-fund', '--loglevel=error'], {
      doing: 'installing packages (npm ci)',
      logFile: home.logFile('install'),
      signal,
      cwd: checkout,
      wayOut: 'Check with `npm ping` that the npm registry can be reached, then try again.',
    }),
  );
}

/** What runs from here loads its packages as it needs them: they are not exchanged under it. */
function refuseUnderRunningServices() {
  if (!existsSync(join(checkout, 'node_modules'))) return;
  const running = readLock(new Home(join(checkout, '.signalbox')).lockFolder);
  if (!running?.held || running.pid === process.pid) return;
  throw new Failure(
    `package-lock.json has changed, and Signalbox runs from this checkout (pid ${running.pid}) on the packages that would be exchanged`,
    {
      wayOut: 'Stop it first: npm stop',
    },
  );
}

/** @param {{ home: Home, progress: import('../base/progress.mjs').Progress, signal: AbortSignal }} options */
async function build({ home, progress, signal }) {
  // The compiler itself decides what is up to date, in about a second: no shortcut of ours could be surer.
  await progress.step({ doing: 'building', done: 'built' }, async () => {
    const [tsc, ...options] = COMPILE;
    await runCommand([process.execPath, join(checkout, 'node_modules', tsc), ...options, 'tsconfig.build.json'], {
      doing: 'the build (tsc -b)',
      logFile: home.logFile('build'),
      signal,
      cwd: checkout,
      env: forGoTool(process.env),
      wayOut: 'Fix what the compiler reports, then try again.',
    });
    await runCommand([process.execPath, join(checkout, 'scripts/bundle.mjs')], {
      doing: 'bundling the services (scripts/bundle.mjs)',
      logFile: home.logFile('bundle'),
      signal,
      cwd: checkout,
    });
  });
}

/** @param {string} folder @param {import('../base/progress.mjs').Progress} progress @param {AbortSignal} signal */
async function takeTurn(folder, progress, signal) {
  const attempt = () => takeLock(folder, {});
  const first = attempt();
  if (first.taken) return;
  const doing = `waiting for another run that prepares this checkout (pid ${first.holder.pid})`;
  await progress.step({ doing, done: 'the other run has prepared' }, async () => {
    while (!attempt().taken) await sleep(200, undefined, { signal });
  });
}
