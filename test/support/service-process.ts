import { fork, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { checkout } from './script-run.js';
import type { Ready, Service } from './service.js';

/** One service as a process of its own, started as its supervisor starts it. */
export class ServiceProcess implements Service {
  output = '';
  readonly ready: Promise<Ready>;
  readonly ended: Promise<number | null>;
  private readonly child: ChildProcess;

  /** @param script from the root of the checkout; a service's own unless given @param openFiles that it may have open at once */
  constructor(
    service: string,
    env: Record<string, string>,
    script = `apps/${service}/bundle/main.js`,
    openFiles?: number,
  ) {
    const limited = { execPath: 'prlimit', execArgv: [`--nofile=${openFiles}:${openFiles}`, process.execPath] };
    this.child = fork(join(checkout, script), {
      ...(openFiles !== undefined && limited),
      cwd: checkout,
      env: { PATH: process.env['PATH'], LOG_LEVEL: 'info', ...env },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream?.on('data', (chunk: Buffer) => {
        this.output += chunk.toString();
      });
    }
    this.ended = new Promise((resolve) => {
      this.child.once('close', resolve);
    });
    this.ready = new Promise((resolve, reject) => {
      this.child.once('message', (message) => resolve(message as Ready));
      void this.ended.then((code) => reject(new Error(`${service} ended with ${code}:\n${this.output}`)));
    });
    // Prevents an unhandled rejection in a test that does not wait for `ready`.
    this.ready.catch(() => undefined);
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  /** Sends SIGSTOP: the process does not run until `continue` and gets no notice of the pause. */
  pause(): void {
    this.child.kill('SIGSTOP');
  }

  continue(): void {
    this.child.kill('SIGCONT');
  }

  async stop(): Promise<number | null> {
    this.child.kill('SIGTERM');
    return this.ended;
  }

  async kill(): Promise<void> {
    this.child.kill('SIGKILL');
    await this.ended;
  }
}
