import { spawn, type ChildProcess } from 'node:child_process';
import type { Duplex, Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { permissionFlags } from './permissions.js';

export interface LaunchOptions {
  readonly module: URL;
  /** All that the process gets of an environment. */
  readonly env: Readonly<Record<string, string>>;
  /** Of the data of the process; the operating system enforces it (Linux; macOS ignores it). */
  readonly memoryBytes: number;
  /** Of JavaScript's heap, which is a part of it. */
  readonly heapBytes: number;
  /**
   * Directories of the program. With it Node lets the process read only these and its module, write nothing, and start no process or thread.
   */
  readonly readable?: readonly URL[];
  /** With `readable`: it may load native code, which is bound by none of the permissions. Only for a program that reads nothing of a stranger. */
  readonly nativeCode?: boolean;
  /** Of CPU time, seconds; the operating system enforces it. Default: no limit. */
  readonly cpuSeconds?: number;
}

export interface LaunchedProcess {
  readonly process: ChildProcess;
  readonly connection: Duplex;
  readonly outputs: readonly Readable[];
  /** Ends it and all processes of its group: the guard, and what it started, unless that left the group. */
  kill(): void;
}

/**
 * Later versions of Node reserve so much for compiled code when they start, and end where the limit does not allow it: seen with 24,
 * not with 20. It is address space, not memory.
 */
const CODE_RANGE_BYTES = Number(process.versions.node.split('.', 1)[0]) >= 22 ? 512 * 1_024 * 1_024 : 0;

/** After its CPU time is up, a process that ignores the signal is killed. */
const CPU_GRACE_SECONDS = 5;

/**
 * `$1` is the limit of memory in KiB, `$2` and `$3` the limits of CPU time, the rest the command. The guard reads from a pipe into which no process writes: at its end the parent is gone,
 * and the process is killed with its group; it may hang and not notice that itself. `exec` keeps the process id.
 */
const SCRIPT = [
  'exec 4<&0 0</dev/null',
  'ulimit -c 0',
  'ulimit -d "$1" && ulimit -St "$2" && ulimit -Ht "$3" || exit 126',
  'shift 3',
  '(read -r _ <&4; kill -9 -$$) >/dev/null 2>&1 3>&- &',
  'exec "$@" 4<&-',
].join('\n');

/** Starts a module with Node in a process with limits, without secrets in its environment or arguments. */
export function launch(options: LaunchOptions): LaunchedProcess {
  const { module, env, memoryBytes, heapBytes, readable, nativeCode = false, cpuSeconds } = options;
  const heap = `--max-old-space-size=${Math.round(heapBytes / 2 ** 20)}`;
  const permissions = readable === undefined ? [] : permissionFlags([module, ...readable], { nativeCode });
  const command = [process.execPath, heap, ...permissions, fileURLToPath(module)];
  closeDebugger();
  const limitKiB = String(Math.round((memoryBytes + CODE_RANGE_BYTES) / 1_024));
  const cpu =
    cpuSeconds === undefined ? ['unlimited', 'unlimited'] : [cpuSeconds, cpuSeconds + CPU_GRACE_SECONDS].map(String);
  const child = spawn('/bin/sh', ['-c', SCRIPT, 'sandbox', limitKiB, ...cpu, ...command], {
    cwd: '/',
    // A process group of its own.
    detached: true,
    env,
    stdio: ['pipe', 'pipe', 'pipe', 'pipe'],
  });
  return {
    process: child,
    connection: child.stdio[3] as Duplex,
    outputs: [child.stdout, child.stderr],
    kill: () => killGroup(child.pid),
  };
}

/** Where nothing listens, Node opens its debugger at this signal, which a child can send: a program that connects to it can do everything here. */
function closeDebugger(): void {
  if (process.listenerCount('SIGUSR1') === 0) process.on('SIGUSR1', () => undefined);
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // Nothing of it runs any more.
  }
}
