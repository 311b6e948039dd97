// @ts-check
import { spawnSync } from 'node:child_process';
import { aptInstall, isDebianLike, rootPrefix } from './apt.mjs';
import { Failure } from './failure.mjs';

/** The system's own Python, which Debian's package is for, before any other. */
const pythons = ['/usr/bin/python3', 'python3'];

/**
 * Makes sure that a Python has pika, for the tests that run readers written in it; installs Debian's package where we may.
 * @param {{ home: import('./home.mjs').Home, progress: import('./progress.mjs').Progress, signal: AbortSignal }} options
 */
export async function ensurePika({ home, progress, signal }) {
  if (pythonWithPika()) return;
  const root = isDebianLike() ? rootPrefix() : undefined;
  const wayOut = 'Install it: sudo apt-get install -y python3-pika, or pip install pika\n  Or leave those tests out: npm test -- --only=unit';
  if (!root) throw new Failure('No python3 with pika is installed, which the tests of readers in Python need', { wayOut });
  const logFile = home.logFile('apt');
  await progress.step({ doing: 'installing python3-pika with apt-get, for the tests', done: 'python3-pika installed with apt-get' }, (detail) =>
    aptInstall({ name: 'python3-pika', root, logFile, signal, detail, wayOut }),
  );
}

/** @returns {string | undefined} */
export function pythonWithPika() {
  return pythons.find((python) => spawnSync(python, ['-c', 'import pika'], { stdio: 'ignore' }).status === 0);
}
