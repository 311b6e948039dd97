import { setTimeout as delay } from 'node:timers/promises';
import { isRunning, signalProcess, type ProcessIdentity } from './process-identity.js';
import { isPaused, listProcesses, type ProcessEntry } from './process-table.js';

/**
 * The process, its descendants, and the members of its process group. Call it while the process runs: when a parent has exited,
 * its children can no longer be found.
 */
export function familyOf(leader: ProcessIdentity): ProcessIdentity[] {
  const table = listProcesses();
  const sameLeader = table.some(({ pid, startedAt }) => pid === leader.pid && startedAt === leader.startedAt);
  const recycled = !sameLeader && table.some(({ pid }) => pid === leader.pid);
  if (recycled) return [];

  const members = new Map(
    table.filter(({ pid, group }) => pid === leader.pid || group === leader.pid).map((entry) => [entry.pid, entry]),
  );
  if (sameLeader) addDescendants(table, members);
  return [...members.values()].map(({ pid, startedAt }) => ({ pid, startedAt }));
}

function addDescendants(table: ProcessEntry[], members: Map<number, ProcessEntry>): void {
  let before: number;
  do {
    before = members.size;
    for (const entry of table) if (members.has(entry.parent)) members.set(entry.pid, entry);
  } while (members.size > before);
}

/** Signals each of them that is still the same process. */
export function signalAll(family: ProcessIdentity[], signal: NodeJS.Signals): void {
  for (const member of family) signalProcess(member, signal);
}

const PAUSE_POLL_MS = 5;

/** Sends SIGSTOP to each of them; resolves when none runs any more. */
export async function pauseAll(family: ProcessIdentity[]): Promise<void> {
  signalAll(family, 'SIGSTOP');
  while (family.some((member) => isRunning(member) && !isPaused(member.pid))) await delay(PAUSE_POLL_MS);
}
