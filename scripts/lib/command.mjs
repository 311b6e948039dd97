// @ts-check
import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { Failure } from './failure.mjs';
import { killGroup, sendSignal } from './processes.mjs';

/** How long a command that was told to end may take for it. */
const graceMs = 10_000;

/**
 * Runs one command quietly, its output in a log. It gets a process group of its own, so that the terminal's Ctrl-C reaches
 * only us and we can end it with all its children.
 * @param {[file: string, ...args: string[]]} command
 * @param {{ doing: string, logFile: string, signal?: AbortSignal | undefined, append?: boolean, cwd?: string, env?: NodeJS.ProcessEnv, wayOut?: string }} options
 *   `doing` names the step in an error; without `signal` the command cannot be interrupted
 * @throws {Failure} when it cannot be started or does not end with 0; the signal's reason when interrupted
 */
export async function runCommand([file, ...args], { doing, logFile, signal, append = false, cwd, env, wayOut }) {
  signal?.throwIfAborted();
  const log = openSync(logFile, append ? 'a' : 'w');
  const child = spawn(file, args, { cwd, env: env ?? process.env, detached: true, stdio: ['ignore', log, log] });
  closeSync(log);
  /** @type {NodeJS.Timeout | undefined} */
  let killing;
  const interrupt = () => {
    if (child.pid === undefined) return;
    sendSignal(-child.pid, 'SIGTERM');
    killing = setTimeout(killGroup, graceMs, child.pid);
  };
  signal?.addEventListener('abort', interrupt, { once: true });
  try {
    const ended = await new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', (code, by) => resolve(by ? `ended by ${by}` : code === 0 ? 'well' : `exit code ${code}`));
    });
    signal?.throwIfAborted();
    if (ended !== 'well') throw new Failure(`${doing} failed (${ended})`, { logFile, ...(wayOut && { wayOut }) });
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'ENOENT') throw error;
    throw new Failure(`${doing} failed: ${file} is not on the PATH`, { ...(wayOut && { wayOut }) });
  } finally {
    clearTimeout(killing);
    signal?.removeEventListener('abort', interrupt);
    // What the command left behind in its group (npm's children, say) goes with it when it was interrupted.
    if (signal?.aborted && child.pid !== undefined) killGroup(child.pid);
  }
}
