// @ts-check
import { chmodSync, existsSync, mkdirSync, renameSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Failure } from './failure.mjs';

/** The checkout these scripts stand in. */
export const checkout = resolve(dirname(fileURLToPath(import.meta.url)), '../../..');

const largestLogBytes = 10 * 1024 * 1024;

/** Only its owner may enter it, because it holds every password. */
const homeMode = 0o700;
const secretMode = 0o600;

/** The folder of everything local to one run: keys, ports, pids, logs, data. */
export class Home {
  /** @param {string} path */
  constructor(path) {
    this.path = path;
    this.adminKeyFile = join(path, 'admin.key');
    this.secretKeysFile = join(path, 'secret.keys');
    this.datasourceKeysFile = join(path, 'datasource-secret.keys');
    this.registryFolder = join(path, 'registry');
    this.connectionFile = join(path, 'connection.env');
    this.credentialsFile = join(path, 'credentials.json');
    this.sampleKeysFile = join(path, 'sample-keys.json');
    this.portsFile = join(path, 'ports.json');
    this.lockFolder = join(path, 'lock');
    this.runFolder = join(path, 'run');
    this.logFolder = join(path, 'log');
  }

  /** Also corrects the modes of a folder that an earlier release made. */
  create() {
    try {
      for (const folder of [this.path, this.runFolder, this.logFolder]) makeFolder(folder);
      chmodSync(this.path, homeMode);
      for (const file of this.#secretFiles()) if (existsSync(file)) chmodSync(file, secretMode);
    } catch (cause) {
      throw new Failure(`the folder ${this.path} cannot be created`, {
        cause,
        wayOut: 'Set SIGNALBOX_HOME to a folder that may be created and written.',
      });
    }
  }

  #secretFiles() {
    const { adminKeyFile, secretKeysFile, datasourceKeysFile, connectionFile, credentialsFile, sampleKeysFile } = this;
    return [adminKeyFile, secretKeysFile, datasourceKeysFile, connectionFile, credentialsFile, sampleKeysFile];
  }

  /** @param {string} name */
  logFile(name) {
    return join(this.logFolder, `${name}.log`);
  }

  /** A log that has grown large makes room: one older one is kept beside it. @param {string} name */
  rotateLog(name) {
    const file = this.logFile(name);
    const size = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
    if (size > largestLogBytes) renameSync(file, `${file}.1`);
  }
}

/**
 * Not with the option `recursive`: below `/proc`, where nothing can be created, Node tries it forever.
 * @param {string} folder
 */
function makeFolder(folder) {
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return;
  if (dirname(folder) !== folder) makeFolder(dirname(folder));
  try {
    mkdirSync(folder);
  } catch (error) {
    // Another process may have been faster.
    if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'EEXIST' || !statSync(folder).isDirectory()) throw error;
  }
}

/**
 * @param {NodeJS.ProcessEnv} env
 * @returns {Home} `SIGNALBOX_HOME`, by default `.signalbox` in the checkout
 */
export function homeFrom(env) {
  return new Home(resolve(env.SIGNALBOX_HOME || join(checkout, '.signalbox')));
}
