import { spawn, type ChildProcess } from 'node:child_process';
import { constants } from 'node:os';
import { withDescendants } from './descendants.js';

/** As a shell: of a command that cannot be started, and before the number of a signal that ended one. */
const NOT_STARTED = 127;
const SIGNALLED = 128;

/** The model server as a child, with the standard streams of this process. */
export class ModelProcess {
  /** Its exit code; 128 and the number of the signal that ended it; 127 where it could not be started. */
  readonly exited: Promise<number>;
  private readonly child: ChildProcess;
  private deadline: NodeJS.Timeout | undefined;
  private hasExited = false;

  constructor([file, ...args]: readonly [string, ...string[]], env: Readonly<Record<string, string | undefined>>) {
    this.child = spawn(file, args, { stdio: 'inherit', env });
    this.exited = new Promise((resolve) => {
      this.child.once('error', () => resolve(NOT_STARTED));
      this.child.once('exit', (code, signal) => resolve(code ?? SIGNALLED + constants.signals[signal!]));
    });
    void this.exited.then(() => {
      this.hasExited = true;
      clearTimeout(this.deadline);
    });
  }

  /** Empty where it could not be started. */
  get pids(): number[] {
    return this.child.pid === undefined ? [] : withDescendants(this.child.pid);
  }

  /** Sends a signal, if one is given, and SIGKILL if it runs longer than that. */
  end(signal: NodeJS.Signals | null, killAfterMs: number): void {
    if (this.hasExited) return;
    if (signal !== null) this.child.kill(signal);
    this.deadline ??= setTimeout(() => this.child.kill('SIGKILL'), killAfterMs);
  }
}
