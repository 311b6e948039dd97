// @ts-check
import { randomUUID } from 'node:crypto';
import { readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  commandLine,
  identify,
  isRunning,
  killGroup,
  processesWithVariable,
  sendSignal,
  stopProcess,
} from './processes.mjs';

/** Every process of one run carries this variable, so that unrecorded ones are found too. */
const runVariable = 'SIGNALBOX_RUN';

/** @returns {string} a new name for a run; of a run inside another (a test starts one) it begins with the outer one's */
export function newRunId() {
  const outer = process.env[runVariable];
  return `${outer ? `${outer}/` : ''}${randomUUID()}`;
}

/** From now on every process that is started from here belongs to the run. @param {string} runId */
export function enterRun(runId) {
  process.env[runVariable] = runId;
}

/** How long a process may take to end before it is killed. */
export const graceMs = 10_000;

/** Who is stopped before whom: what is used goes after its users. */
const stopOrder = [
  (/** @type {string} */ name) => name.startsWith('reader-') && name !== 'reader-heartbeat',
  (/** @type {string} */ name) => name === 'dataplane-main',
  (/** @type {string} */ name) => name === 'gateway',
  (/** @type {string} */ name) => !['rabbitmq', 'postgres'].includes(name),
  (/** @type {string} */ name) => name === 'rabbitmq',
  () => true,
];

/**
 * `run/<name>.pid` holds just the pid, for people; `run/<name>.json` beside it the whole identity, so that a later process
 * with the same number is never taken for it.
 */
export class RunFolder {
  /** @param {string} folder */
  constructor(folder) {
    this.folder = folder;
  }

  /** @param {string} name @param {number} pid */
  record(name, pid) {
    const identity = identify(pid);
    if (!identity) return;
    writeFileSync(join(this.folder, `${name}.json`), JSON.stringify(identity));
    writeFileSync(join(this.folder, `${name}.pid`), `${pid}\n`);
  }

  /** Removes the record, unless another process has been recorded under the name since. @param {string} name @param {number} pid */
  forget(name, pid) {
    // A reader removes its own pid file when it ends; then the identity is what is left.
    if ((this.#pidOf(name) ?? this.#recorded(name)?.pid) === pid) this.#remove(name);
  }

  /** @returns {{ name: string, identity: import('./processes.mjs').ProcessIdentity }[]} who is recorded and runs, this process left out */
  running() {
    return this.#names().flatMap((name) => {
      const identity = this.#identityOf(name);
      return identity && identity.pid !== process.pid && isRunning(identity) ? [{ name, identity }] : [];
    });
  }

  /**
   * Stops who is recorded and runs, this process left out, in order, and removes their records.
   * @param {(name: string) => boolean} [which]
   */
  async stop(which = () => true) {
    let rest = this.running().filter(({ name }) => which(name));
    for (const belongs of stopOrder) {
      const now = rest.filter(({ name }) => belongs(name));
      rest = rest.filter(({ name }) => !belongs(name));
      await Promise.all(now.map(({ name, identity }) => stopProcess(identity, { graceMs, signal: stopSignal(name) })));
    }
    for (const name of this.#names()) if (which(name) && this.#pidOf(name) !== process.pid) this.#remove(name);
  }

  /** Kills who is recorded and runs, at once. */
  kill() {
    for (const { identity } of this.running()) {
      killGroup(identity.pid);
      sendSignal(identity.pid, 'SIGKILL');
    }
  }

  #names() {
    const names = readdirSync(this.folder).flatMap((file) => /^(.+)\.(?:pid|json)$/.exec(file)?.[1] ?? []);
    return [...new Set(names)];
  }

  /** @param {string} name */
  #pidOf(name) {
    try {
      return Number.parseInt(readFileSync(join(this.folder, `${name}.pid`), 'utf8'), 10);
    } catch {
      return undefined;
    }
  }

  /** @param {string} name @returns {import('./processes.mjs').ProcessIdentity | undefined} */
  #identityOf(name) {
    const pid = this.#pidOf(name);
    if (!pid) return undefined;
    const identity = this.#recorded(name);
    if (identity?.pid === pid) return identity;
    // A reader that was started by hand records its pid only.
    return name.startsWith('reader-') && /\breader\.\w+/.test(commandLine(pid)) ? identify(pid) : undefined;
  }

  /** @param {string} name @returns {import('./processes.mjs').ProcessIdentity | undefined} */
  #recorded(name) {
    try {
      return JSON.parse(readFileSync(join(this.folder, `${name}.json`), 'utf8'));
    } catch {
      return undefined;
    }
  }

  /** @param {string} name */
  #remove(name) {
    for (const ending of ['pid', 'json']) rmSync(join(this.folder, `${name}.${ending}`), { force: true });
  }
}

/** Postgres takes SIGTERM as "when the last client has gone", SIGINT as "now, in order". @param {string} name */
function stopSignal(name) {
  return name === 'postgres' ? 'SIGINT' : 'SIGTERM';
}

/** Kills processes of a run that were not recorded: children that outlived their parents. @param {string} runId @returns {number} how many */
export function killUnrecorded(runId) {
  const pids = processesWithVariable(runVariable, runId);
  pids.forEach((pid) => sendSignal(pid, 'SIGKILL'));
  return pids.length;
}
