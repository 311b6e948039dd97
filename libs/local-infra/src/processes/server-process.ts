import { spawn } from 'node:child_process';
import { closeSync, fstatSync, mkdirSync, openSync } from 'node:fs';
import path from 'node:path';
import { LocalInfraError } from '../local-infra.error.js';
import { logTail } from './log-tail.js';
import { familyOf, pauseAll, signalAll } from './process-family.js';
import { describeProcess, type ProcessIdentity } from './process-identity.js';
import { claimHome } from './server-home.js';
import { stopProcess } from './stop-process.js';

export interface ProcessExit {
  code: number | null;
  signal: NodeJS.Signals | null;
}

/** A running RabbitMQ node or Postgres server. */
export interface ServerProcess extends ProcessIdentity {
  host: '127.0.0.1';
  /** Resolves when the process has exited; never rejects. */
  exited: Promise<ProcessExit>;
  /** Sends the stop signal, waits, then kills it and its children if they still run. May be called again. */
  stop: () => Promise<void>;
  /** Kills it and its children at once. */
  kill: () => void;
  /** SIGSTOP to it and its children; resolves when none of them runs. */
  pause: () => Promise<void>;
  /** SIGCONT after a `pause`. */
  resume: () => void;
}

export interface LaunchOptions {
  /** For messages, for example "RabbitMQ". */
  label: string;
  home: string;
  logFile: string;
  command: string;
  args: string[];
  env: NodeJS.ProcessEnv;
  user?: { uid: number; gid: number } | undefined;
  stop: { signal: NodeJS.Signals; graceMs: number };
}

export interface LaunchedProcess extends ServerProcess {
  /** `undefined` while it runs. */
  exit: () => ProcessExit | undefined;
  /** Last lines of this run, oldest first. */
  lastLines: (lines?: number) => string[];
}

/**
 * Starts a server in its own process group, so that a Ctrl-C in the terminal reaches the caller only. Appends its
 * output to the log file and records the process in its home. Rejects if the command cannot be run.
 */
export async function launch(options: LaunchOptions): Promise<LaunchedProcess> {
  const { label, home, logFile, command, args, env, user } = options;
  mkdirSync(path.dirname(logFile), { recursive: true });
  const log = openSync(logFile, 'a', 0o600);
  const logStart = fstatSync(log).size;
  const child = spawn(command, args, { cwd: '/', env, detached: true, stdio: ['ignore', log, log], ...user });
  closeSync(log);

  let exit: ProcessExit | undefined;
  const exited = new Promise<ProcessExit>((resolve) => {
    child.once('exit', (code, signal) => resolve((exit = { code, signal })));
  });
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', (error) =>
      reject(new LocalInfraError('start-failed', `${label} cannot be run: ${error.message}`)),
    );
  });

  const pid = child.pid as number;
  const identity = describeProcess(pid) ?? { pid, startedAt: 'ended at once' };
  claimHome(home, identity);
  return {
    ...identity,
    host: '127.0.0.1',
    exited,
    exit: () => exit,
    lastLines: (lines = 20) => logTail(logFile, { from: logStart, lines }),
    stop: async () => void (await stopProcess(identity, options.stop)),
    kill: () => signalAll(familyOf(identity), 'SIGKILL'),
    pause: () => pauseAll(familyOf(identity)),
    resume: () => signalAll(familyOf(identity), 'SIGCONT'),
  };
}
