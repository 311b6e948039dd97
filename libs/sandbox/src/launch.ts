import { spawn, type ChildProcess } from 'node:child_process';
import type { Duplex, Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';

export interface LaunchOptions {
  readonly module: URL;
  /** All that the process gets of an environment. */
  readonly env: Readonly<Record<string, string>>;
  /** Of the data of the process; the operating system enforces it (Linux; macOS ignores it). */
  readonly memoryBytes: number;
  /** Of JavaScript's heap, which is a part of it. */
  readonly heapBytes: number;
}

export interface LaunchedProcess {
  readonly process: ChildProcess;
  readonly connection: Duplex;
  readonly outputs: readonly Readable[];
  /** Ends the guard that kills the process when its parent is gone. To be called when the process has ended. */
  releaseGuard(): void;
}

/**
 * `$1` is the limit in KiB, the rest the command. The guard reads from a pipe that only the parent writes to: at its end without a line
 * the parent is gone, and the process is killed, which may hang and not notice that itself. `exec` keeps the process id.
 */
const SCRIPT = [
  'exec 4<&0 0</dev/null',
  'ulimit -c 0',
  'ulimit -d "$1" || exit 126',
  'shift',
  '(read -r _ <&4 || kill -9 $$) >/dev/null 2>&1 3>&- &',
  'exec "$@" 4<&-',
].join('\n');

/** Starts a module with Node in a process with limits, without secrets in its environment or arguments. */
export function launch({ module, env, memoryBytes, heapBytes }: LaunchOptions): LaunchedProcess {
  const command = [process.execPath, `--max-old-space-size=${Math.round(heapBytes / 2 ** 20)}`, fileURLToPath(module)];
  const child = spawn('/bin/sh', ['-c', SCRIPT, 'sandbox', String(Math.round(memoryBytes / 1_024)), ...command], {
    cwd: '/',
    env,
    stdio: ['pipe', 'pipe', 'pipe', 'pipe'],
  });
  const guard = child.stdin as Writable;
  guard.on('error', () => undefined);
  return {
    process: child,
    connection: child.stdio[3] as Duplex,
    outputs: [child.stdout, child.stderr],
    releaseGuard: () => guard.end('\n'),
  };
}
