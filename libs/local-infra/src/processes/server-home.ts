import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { LocalInfraError } from '../local-infra.error.js';
import { familyOf, signalAll } from './process-family.js';
import { isRunning, type ProcessIdentity } from './process-identity.js';

const fileOf = (home: string): string => path.join(home, 'process.json');

/** Records the process that runs from this folder, so that a second server never opens the same data. */
export function claimHome(home: string, identity: ProcessIdentity): void {
  writeFileSync(fileOf(home), `${JSON.stringify(identity)}\n`, { mode: 0o600 });
}

/** The server that runs from this folder, even if the process that started it was killed. */
export function findRunningServer(home: string): ProcessIdentity | undefined {
  try {
    const identity = JSON.parse(readFileSync(fileOf(home), 'utf8')) as ProcessIdentity;
    return isRunning(identity) ? identity : undefined;
  } catch {
    return undefined; // never started, or killed while it wrote the file
  }
}

/** Kills the server that runs from this folder, and its children. Synchronous, for a process that is about to exit. */
export function killServerIn(home: string): void {
  const running = findRunningServer(home);
  if (running) signalAll(familyOf(running), 'SIGKILL');
}

/** Throws `already-running` if a server runs from this folder. */
export function refuseSecondServer(label: string, home: string): void {
  const running = findRunningServer(home);
  if (running === undefined) return;
  throw new LocalInfraError(
    'already-running',
    `${label} already runs from ${home} (pid ${running.pid}). Stop it first: kill ${running.pid}`,
  );
}
