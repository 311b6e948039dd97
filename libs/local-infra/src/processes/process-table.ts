import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

/** One running process. Zombies are not in the table: they hold no resources and react to no signal. */
export interface ProcessEntry {
  pid: number;
  parent: number;
  group: number;
  /** Opaque; equal only for the same process. */
  startedAt: string;
}

/** The processes of this machine that this user may see. */
export function listProcesses(): ProcessEntry[] {
  return process.platform === 'linux' ? readProc() : readPs([]);
}

/** The process with this pid, or `undefined` if there is none. */
export function findProcess(pid: number): ProcessEntry | undefined {
  return process.platform === 'linux' ? readProcStat(pid) : readPs(['-p', String(pid)])[0];
}

/** Whether no thread of the process runs until SIGCONT, or it has ended. SIGSTOP reaches each thread a moment after it was sent. */
export function isPaused(pid: number): boolean {
  const states = process.platform === 'linux' ? threadStates(pid) : readPsState(pid);
  return states.every((state) => 'TtZX'.includes(state));
}

function threadStates(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/task`).flatMap((thread) => statFields(`${pid}/task/${thread}`)?.[0] ?? []);
  } catch {
    return [];
  }
}

function readProc(): ProcessEntry[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => readProcStat(Number(name)) ?? []);
}

function readProcStat(pid: number): ProcessEntry | undefined {
  const fields = statFields(String(pid));
  if (fields === undefined) return undefined;
  const [state, parent, group] = fields;
  const startTicks = fields[19];
  if (state === undefined || startTicks === undefined || 'ZX'.includes(state)) return undefined;
  return { pid, parent: Number(parent), group: Number(group), startedAt: `${bootId()}/${startTicks}` };
}

/** From the state on. `undefined`: there is no such process or thread. */
function statFields(of: string): string[] | undefined {
  try {
    const stat = readFileSync(`/proc/${of}/stat`, 'utf8');
    // The command name is in parentheses and may contain spaces and parentheses itself: count fields from the last one.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  } catch {
    return undefined;
  }
}

let knownBootId: string | undefined;

/** Start times count from the boot: without the boot id a process of an earlier boot could look the same. */
function bootId(): string {
  knownBootId ??= readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  return knownBootId;
}

function readPs(selection: string[]): ProcessEntry[] {
  const columns = ['-o', 'pid=,ppid=,pgid=,stat=,lstart='];
  return ps(selection.length > 0 ? [...selection, ...columns] : ['-A', ...columns]).flatMap((line) => {
    const [pid, parent, group, state, ...started] = line.trim().split(/\s+/);
    if (state === undefined || state.startsWith('Z')) return [];
    return [{ pid: Number(pid), parent: Number(parent), group: Number(group), startedAt: started.join(' ') }];
  });
}

const readPsState = (pid: number): string[] =>
  ps(['-p', String(pid), '-o', 'stat=']).flatMap((line) => line.trim().slice(0, 1) || []);

/** The lines of its output. */
function ps(options: string[]): string[] {
  try {
    return execFileSync('ps', options, { encoding: 'utf8' }).split('\n');
  } catch {
    return []; // ps ends with an error when the selection is empty
  }
}
