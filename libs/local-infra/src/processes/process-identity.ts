import { findProcess } from './process-table.js';

/** A process that cannot be mistaken for a later one with the same pid. Plain data: may be written to a file. */
export interface ProcessIdentity {
  pid: number;
  /** Opaque; equal only for the same process. */
  startedAt: string;
}

/** `undefined` when there is no such process; a zombie counts as gone. */
export function describeProcess(pid: number): ProcessIdentity | undefined {
  const found = findProcess(pid);
  return found && { pid: found.pid, startedAt: found.startedAt };
}

/** Whether this very process still runs. */
export function isRunning({ pid, startedAt }: ProcessIdentity): boolean {
  return findProcess(pid)?.startedAt === startedAt;
}

/** Sends the signal if it is still the same process. Returns whether it was sent. */
export function signalProcess(identity: ProcessIdentity, signal: NodeJS.Signals): boolean {
  if (!isRunning(identity)) return false;
  try {
    return process.kill(identity.pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false; // it ended in between
    throw error;
  }
}
