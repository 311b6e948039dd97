// @ts-check
import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { Failure } from '../base/failure.mjs';
import { killGroup, sendSignal } from './processes.mjs';

/** How long a command may take to end after SIGTERM. */
const graceMs = 10_000;

/**
 * Runs one command quietly, its output in a log.
 * @param {[file: string, ...args: string[]]} command
 * @param {{
 *   doing: string, logFile: string, signal?: AbortSignal | undefined, append?: boolean, cwd?: string, env?: NodeJS.ProcessEnv, wayOut?: string,
 * }} options
 *   `doing` names the step in an error; without `signal` the command cannot be interrupted
 * @throws {Failure} when it cannot be started or does not end with 0; the signal's reason when interrupted
 */
export async function runCommand(command, { doing, logFile, signal, append = false, cwd, env, wayOut }) {
  signal?.throwIfAborted();
  const log = openSync(logFile, append ? 'a' : 'w');
  const advice = wayOut ? { wayOut } : {};
  try {
    const ended = await runInGroup(command, { output: log, signal, cwd, env });
    signal?.throwIfAborted();
    if (ended !== 'exit code 0') throw new Failure(`${doing} failed (${ended})`, { logFile, ...advice });
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'ENOENT') throw error;
    throw new Failure(`${doing} failed: ${command[0]} is not on the PATH`, advice);
  } finally {
    closeSync(log);
  }
}

/**
 * Runs one command in a process group of its own, so that the terminal's Ctrl-C reaches only us and we can end it with all
 * its children: asked when the signal comes, killed when they take too long.
 * @param {string[]} command
 * @param {{ output: number | 'inherit', signal?: AbortSignal | undefined, cwd?: string | undefined, env?: NodeJS.ProcessEnv | undefined }} options
 * @returns {Promise<string>} how it ended: `exit code 0`, `by SIGKILL`
 */
export async function runInGroup([file = '', ...args], { output, signal, cwd, env = process.env }) {
  const child = spawn(file, args, { ...(cwd && { cwd }), env, detached: true, stdio: ['ignore', output, output] });
  const { pid } = child;
  /** @type {NodeJS.Timeout | undefined} */
  let killing;
  const interrupt = () => {
    if (pid === undefined) return;
    sendSignal(-pid, 'SIGTERM');
    killing = setTimeout(killGroup, graceMs, pid);
  };
  signal?.addEventListener('abort', interrupt, { once: true });
  try {
    return await new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', (code, by) => resolve(by ? `by ${by}` : `exit code ${code}`));
    });
  } finally {
    clearTimeout(killing);
    signal?.removeEventListener('abort', interrupt);
    // What an interrupted command left behind in its group (npm's children, say) goes with it.
    if (signal?.aborted && pid !== undefined) killGroup(pid);
  }
}
