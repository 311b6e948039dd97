import { setTimeout as delay } from 'node:timers/promises';
import { familyOf, signalAll } from './process-family.js';
import { isRunning, signalProcess, type ProcessIdentity } from './process-identity.js';

export interface StopOptions {
  /** Default SIGTERM. */
  signal?: NodeJS.Signals;
  /** How long it may take to exit after the signal; default 10 s. */
  graceMs?: number;
}

/** How long child processes may outlive a stopped process, and how long a kill may take. */
const LEFTOVERS_MS = 2_000;
const POLL_MS = 20;

/**
 * Sends the signal, waits, then kills the process and everything it started that still runs. Does nothing if the pid
 * now belongs to another process. `not-running`: it was not running; `stopped`: it exited; `killed`: it had to be killed.
 */
export async function stopProcess(
  identity: ProcessIdentity,
  options: StopOptions = {},
): Promise<'not-running' | 'stopped' | 'killed'> {
  const { signal = 'SIGTERM', graceMs = 10_000 } = options;
  const family = familyOf(identity);
  const wasRunning = signalProcess(identity, signal);
  if (wasRunning && !(await waitUntilEnded([identity], graceMs))) {
    const all = [...familyOf(identity), ...family];
    signalAll(all, 'SIGKILL');
    await waitUntilEnded(all, LEFTOVERS_MS);
    return 'killed';
  }
  // Child processes (erl_child_setup, database workers) exit after their leader; only one that does not is killed.
  if (!(await waitUntilEnded(family, LEFTOVERS_MS))) signalAll(family, 'SIGKILL');
  return wasRunning ? 'stopped' : 'not-running';
}

async function waitUntilEnded(identities: ProcessIdentity[], deadlineMs: number): Promise<boolean> {
  const deadline = performance.now() + deadlineMs;
  while (identities.some(isRunning)) {
    if (performance.now() >= deadline) return false;
    await delay(POLL_MS);
  }
  return true;
}
