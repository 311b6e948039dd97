// @ts-check
import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { bytesIn, Failure } from '../base/failure.mjs';
import { checkout } from '../base/home.mjs';
import { killGroup, sendSignal } from './processes.mjs';
import { graceMs } from './run-folder.mjs';
import { describeExit } from './supervised.mjs';

/** @typedef {{ logFile: string, logFrom: number }} Log what is beyond `logFrom` is of this start */
/** @typedef {{ port?: number, managementPort?: number }} ReadyNote what a service says about itself when it is ready */

/**
 * Starts a Node process in a process group of its own, so that a terminal's Ctrl-C reaches only us, its output appended to a log.
 * With `reportsReady` it has an IPC channel, over which it sends `{type: 'ready', ...}`; when it closes, the service knows that we have ended.
 * @param {{
 *   name: string, command: string[], env: NodeJS.ProcessEnv, logFile: string,
 *   reportsReady: boolean, readyWithinMs?: number | undefined,
 * }} options `command`: options of Node.js, a script and its arguments
 * @returns {import('./supervised.mjs').Running<ReadyNote>}
 */
export function launchNode({ name, command, env, logFile, reportsReady, readyWithinMs }) {
  const logFrom = bytesIn(logFile);
  const log = openSync(logFile, 'a');
  const child = spawn(process.execPath, ['--enable-source-maps', ...command], {
    cwd: checkout,
    env,
    detached: true,
    stdio: ['ignore', log, log, ...(reportsReady ? [/** @type {const} */ ('ipc')] : [])],
  });
  closeSync(log);
  /** @type {Promise<import('./supervised.mjs').Exit>} */
  const exited = new Promise((resolve) => {
    child.once('exit', (code, signal) => resolve({ code, signal }));
    child.once('error', () => resolve({ code: null, signal: null }));
  });
  const ready = reportsReady
    ? whenReady({ child, exited, name, log: { logFile, logFrom }, readyWithinMs })
    : Promise.resolve({});
  // Only the first start waits for it: no caller does when a restarted service dies early.
  ready.catch(() => {});
  const pid = child.pid ?? 0;
  return {
    pid,
    ready,
    exited,
    async stop() {
      if (pid === 0 || child.exitCode !== null || child.signalCode !== null) return;
      sendSignal(pid, 'SIGTERM');
      const timer = setTimeout(() => killGroup(pid), graceMs);
      await exited;
      clearTimeout(timer);
      killGroup(pid);
    },
    kill: () => {
      if (pid !== 0) killGroup(pid);
    },
  };
}

/**
 * @param {{
 *   child: import('node:child_process').ChildProcess, exited: Promise<import('./supervised.mjs').Exit>,
 *   name: string, log: Log, readyWithinMs?: number | undefined,
 * }} options
 * @returns {Promise<ReadyNote>}
 */
async function whenReady({ child, exited, name, log, readyWithinMs }) {
  const done = new AbortController();
  /** @type {Promise<ReadyNote>} */
  const reported = new Promise((resolve) => {
    child.on('message', (/** @type {any} */ message) => {
      if (message?.type === 'ready') resolve(message);
    });
  });
  const died = exited.then((exit) => {
    throw new Failure(`${name} did not start (${describeExit(exit)})`, log);
  });
  const late = readyWithinMs === undefined ? [] : [tooLate({ name, log, readyWithinMs, signal: done.signal })];
  try {
    return await Promise.race([reported, died, ...late]);
  } finally {
    done.abort();
    died.catch(() => {});
  }
}

/** @param {{ name: string, log: Log, readyWithinMs: number, signal: AbortSignal }} options @returns {Promise<never>} */
async function tooLate({ name, log, readyWithinMs, signal }) {
  try {
    await sleep(readyWithinMs, undefined, { signal });
  } catch {
    return new Promise(() => {});
  }
  throw new Failure(`${name} was not ready within ${readyWithinMs / 1_000} s`, log);
}
