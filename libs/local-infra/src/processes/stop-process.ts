import { setTimeout as delay } from 'node:timers/promises';
import { familyOf, signalAll } from './process-family.js';
import { isRunning, signalProcess, type ProcessIdentity } from './process-identity.js';

export interface StopOptions {
  /** Default SIGTERM. */
  signal?: NodeJS.Signals;
  /** How long it may take to end by itself; default 10 s. */
  graceMs?: number;
}

/** How long helpers of a stopped process may outlive it, and how long a kill may take to show. */
const LEFTOVERS_MS = 2_000;
const POLL_MS = 20;

/**
 * Asks the process to stop, waits, then kills what is left of it and of everything it started. Does nothing when the pid
 * now belongs to another process. `gone`: it was not running; `stopped`: it ended by itself; `killed`: it had to be killed.
 */
export async function stopProcess(
  identity: ProcessIdentity,
  options: StopOptions = {},
): Promise<'gone' | 'stopped' | 'killed'> {
  const { signal = 'SIGTERM', graceMs = 10_000 } = options;
  const family = familyOf(identity);
  const wasRunning = signalProcess(identity, signal);
  if (wasRunning && !(await waitUntilGone([identity], graceMs))) {
    const all = [...familyOf(identity), ...family];
    signalAll(all, 'SIGKILL');
    await waitUntilGone(all, LEFTOVERS_MS);
    return 'killed';
  }
  // Helpers (erl_child_setup, database workers) end on their own when the leader is gone; only a stuck one is killed.
  if (!(await waitUntilGone(family, LEFTOVERS_MS))) signalAll(family, 'SIGKILL');
  return wasRunning ? 'stopped' : 'gone';
}

async function waitUntilGone(identities: ProcessIdentity[], deadlineMs: number): Promise<boolean> {
  const deadline = performance.now() + deadlineMs;
  while (identities.some(isRunning)) {
    if (performance.now() >= deadline) return false;
    await delay(POLL_MS);
  }
  return true;
}
