// @ts-check
import { spawnSync } from 'node:child_process';
import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { aptInstall, isDebianLike, isExecutable, isOnPath, rootPrefix } from './apt.mjs';
import { Failure, describeFailure } from '../base/failure.mjs';

/** What the tests speak to, or are spoken to by, that npm does not bring. */
const packages = [
  {
    name: 'python3-pika',
    isThere: hasPika,
    what: 'No python3 with pika is installed, which the tests of clients in Python need',
    otherWay: ', or pip install pika',
  },
  {
    name: 'mariadb-server-core',
    isThere: () => isOnPath('mariadbd') || isExecutable('/usr/sbin/mariadbd'),
    what: 'No mariadbd is installed, which the tests of MySQL connections need',
    otherWay: '',
  },
  {
    name: 'chromium',
    isThere: () => isOnPath('chromium'),
    what: 'No chromium is installed, which the test of signing in with a browser needs',
    otherWay: '',
  },
];

/**
 * Makes sure that the machine has what the tests need besides our own servers, while other tests run; installs Debian's packages
 * where we may. Tests that need them wait for `statusFile`: it holds nothing when all is there, else what is missing.
 * @param {{ home: import('../base/home.mjs').Home, progress: import('../base/progress.mjs').Progress, signal: AbortSignal }} options
 * @returns {{ statusFile: string, finished: Promise<void> }} `finished` rejects when something is missing
 */
export function startTestPackages({ home, progress, signal }) {
  const statusFile = join(home.path, 'test-packages');
  const finished = ensureTestPackages({ home, progress, signal }).then(
    () => writeStatus(statusFile, ''),
    (error) => {
      writeStatus(statusFile, describeFailure(error));
      throw error;
    },
  );
  finished.catch(() => {});
  return { statusFile, finished };
}

/** @param {string} file @param {string} text */
function writeStatus(file, text) {
  writeFileSync(`${file}.new`, text);
  renameSync(`${file}.new`, file);
}

/** @param {{ home: import('../base/home.mjs').Home, progress: import('../base/progress.mjs').Progress, signal: AbortSignal }} options */
async function ensureTestPackages({ home, progress, signal }) {
  for (const { name, isThere, what, otherWay } of packages) {
    if (isThere()) continue;
    const root = isDebianLike() ? rootPrefix() : undefined;
    const wayOut = `Install it: sudo apt-get install -y --no-install-recommends ${name}${otherWay}\n  Or leave those tests out: npm test -- --only=unit`;
    if (!root) throw new Failure(what, { wayOut });
    const logFile = home.logFile('apt');
    await progress.step(
      { doing: `installing ${name} with apt-get, for the tests`, done: `${name} installed with apt-get` },
      (detail) => aptInstall({ name, root, logFile, signal, detail, wayOut }),
    );
  }
}

/** The system's own Python, which Debian's package is for, or any other. */
function hasPika() {
  return ['/usr/bin/python3', 'python3'].some(
    (python) => spawnSync(python, ['-c', 'import pika'], { stdio: 'ignore' }).status === 0,
  );
}
