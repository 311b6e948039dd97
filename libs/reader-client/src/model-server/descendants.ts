import { readdirSync, readFileSync } from 'node:fs';

/** As many as a heartbeat may name. */
const MOST_PIDS = 1_000;

/** The process and those that it started, and so on, as Linux knows them; elsewhere the process only. */
export function withDescendants(pid: number): number[] {
  const found = [pid];
  for (const each of found) found.push(...childrenOf(each));
  return found.slice(0, MOST_PIDS);
}

function childrenOf(pid: number): number[] {
  try {
    return readdirSync(`/proc/${pid}/task`).flatMap((thread) =>
      (readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8').match(/\d+/g) ?? []).map(Number),
    );
  } catch {
    // It has ended, or this is no Linux.
    return [];
  }
}
