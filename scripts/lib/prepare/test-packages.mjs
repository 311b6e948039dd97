// @ts-check
import { spawnSync } from 'node:child_process';
import { renameSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { aptInstall, aptUnpack, isDebianLike, isExecutable, isOnPath, rootPrefix } from './apt.mjs';
import { Failure, describeFailure } from '../base/failure.mjs';

/** Where test/support/prometheus.ts looks for it, too: for all checkouts. Its package would install a service that starts with the machine. */
const prometheusFolder = join(homedir(), '.cache/signalbox/prometheus');

/**
 * What the tests speak to, or are spoken to by, that npm does not bring.
 * @type {{ name: string, isThere: () => boolean, what: string, otherWay: string, folder?: string }[]} `folder`: unpacked there, not installed
 */
const packages = [
  ...['pika', 'requests'].map((module) => ({
    name: `python3-${module}`,
    isThere: hasPythonModules,
    what: 'No python3 with pika and requests is installed, which the tests of clients in Python need',
    otherWay: ', or pip install pika requests',
  })),
  {
    name: 'mariadb-server-core',
    isThere: () => isOnPath('mariadbd') || isExecutable('/usr/sbin/mariadbd'),
    what: 'No mariadbd is installed, which the tests of MySQL connections need',
    otherWay: '',
  },
  {
    name: 'prometheus',
    isThere: () =>
      ['prometheus', 'promtool'].every(
        (program) => isOnPath(program) || isExecutable(join(prometheusFolder, 'usr/bin', program)),
      ),
    what: 'No prometheus and promtool are installed, which the tests of metrics need',
    otherWay: '',
    folder: prometheusFolder,
  },
  {
    name: 'chromium-headless-shell',
    isThere: () => ['chromium-headless-shell', 'chromium'].some(isOnPath),
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
  for (const { name, isThere, what, otherWay, folder } of packages) {
    if (isThere()) continue;
    const root = isDebianLike() ? rootPrefix() : undefined;
    const wayOut = `Install it: sudo apt-get install -y --no-install-recommends ${name}${otherWay}\n  Or leave those tests out: npm test -- --only=unit`;
    if (!root) throw new Failure(what, { wayOut });
    const logFile = home.logFile('apt');
    const text = folder
      ? { doing: `fetching ${name} with apt-get, for the tests`, done: `${name} unpacked into ${folder}` }
      : { doing: `installing ${name} with apt-get, for the tests`, done: `${name} installed with apt-get` };
    await progress.step(text, (detail) => {
      const options = { name, root, logFile, signal, detail, wayOut };
      return folder ? aptUnpack({ ...options, folder }) : aptInstall(options);
    });
  }
}

/** The system's own Python, which Debian's packages are for, or any other that has both. */
function hasPythonModules() {
  return ['/usr/bin/python3', 'python3'].some(
    (python) => spawnSync(python, ['-c', 'import pika, requests'], { stdio: 'ignore' }).status === 0,
  );
}
