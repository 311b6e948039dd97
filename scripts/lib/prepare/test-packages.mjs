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
 * @type {{ names: string[], isThere: () => boolean, what: string, otherWay: string, folder?: string }[]} `folder`: unpacked there, not installed
 */
const packages = [
  {
    names: ['python3-pika', 'python3-requests'],
    isThere: hasPythonModules,
    what: 'No python3 with pika and requests is installed, which the tests of clients in Python need',
    otherWay: ', or pip install pika requests',
  },
  {
    names: ['mariadb-server-core'],
    isThere: () => isOnPath('mariadbd') || isExecutable('/usr/sbin/mariadbd'),
    what: 'No mariadbd is installed, which the tests of MySQL connections need',
    otherWay: '',
  },
  {
    names: ['prometheus'],
    isThere: () =>
      ['prometheus', 'promtool'].every(
        (program) => isOnPath(program) || isExecutable(join(prometheusFolder, 'usr/bin', program)),
      ),
    what: 'No prometheus and promtool are installed, which the tests of metrics need',
    otherWay: '',
    folder: prometheusFolder,
  },
  {
    names: ['chromium-headless-shell'],
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
  const missing = packages.filter(({ isThere }) => !isThere());
  if (missing.length === 0) return;
  const ways = missing.map(({ names, otherWay }) => `${names.join(' ')}${otherWay}`).join('; ');
  const wayOut = `Install with sudo apt-get install -y --no-install-recommends: ${ways}\n  Or leave those tests out: npm test -- --only=unit`;
  const root = isDebianLike() ? rootPrefix() : undefined;
  if (!root) throw new Failure(missing.map(({ what }) => what).join('. '), { wayOut });
  const common = { root, logFile: home.logFile('apt'), signal, wayOut };
  // At once: each run of dpkg by itself takes seconds.
  const names = missing.filter(({ folder }) => folder === undefined).flatMap((each) => each.names);
  if (names.length > 0) {
    const list = names.join(', ');
    const text = { doing: `installing ${list} with apt-get, for the tests`, done: `${list} installed with apt-get` };
    await progress.step(text, (detail) => aptInstall({ names, detail, ...common }));
  }
  for (const { names, folder } of missing) {
    if (folder === undefined) continue;
    for (const name of names) {
      const text = { doing: `fetching ${name} with apt-get, for the tests`, done: `${name} unpacked into ${folder}` };
      await progress.step(text, (detail) => aptUnpack({ name, folder, detail, ...common }));
    }
  }
}

/** The system's own Python, which Debian's packages are for, or any other that has both. */
function hasPythonModules() {
  return ['/usr/bin/python3', 'python3'].some(
    (python) => spawnSync(python, ['-c', 'import pika, requests'], { stdio: 'ignore' }).status === 0,
  );
}
