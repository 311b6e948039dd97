import { findProcess } from './process-table.js';

/** Identifies a process, also when a later one gets the same pid. Plain data: may be written to a file. */
export interface ProcessIdentity {
  pid: number;
  /** Opaque; equal only for the same process. */
  startedAt: string;
}

/** `undefined` if there is no such process; a zombie counts as ended. */
export function describeProcess(pid: number): ProcessIdentity | undefined {
  const found = findProcess(pid);
  return found && { pid: found.pid, startedAt: found.startedAt };
}

/** Whether this process still runs. */
export function isRunning({ pid, startedAt }: ProcessIdentity): boolean {
  return findProcess(pid)?.startedAt === startedAt;
}

/** Sends the signal if it is still the same process. Returns whether it was sent. */
export function signalProcess(identity: ProcessIdentity, signal: NodeJS.Signals): boolean {
  if (!isRunning(identity)) return false;
  try {
    return process.kill(identity.pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false; // it exited in between
    throw error;
  }
}
