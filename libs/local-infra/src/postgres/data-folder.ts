import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chown, mkdir, readFile, readlink, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { cleanEnvironment } from '../config.js';
import { LocalInfraError } from '../local-infra.error.js';
import { describeProcess } from '../processes/process-identity.js';
import type { RunAs } from './run-as.js';

export const SUPERUSER = 'postgres';

/** Of the status in `postmaster.pid`, from 0. */
const STATUS_LINE = 7;

export interface InitOptions {
  initdb: string;
  home: string;
  data: string;
  superuserPassword: string;
  runAs: RunAs;
  /** False: the data may be lost in a crash of the machine. */
  durable: boolean;
}

/** Creates the data folder under another name and renames it when it is complete: an interrupted run leaves no half folder. */
export async function createDataFolder({
  initdb,
  home,
  data,
  superuserPassword,
  runAs,
  durable,
}: InitOptions): Promise<void> {
  const unfinished = path.join(home, 'data.new');
  const passwordFile = path.join(home, 'initdb.password');
  await rm(unfinished, { recursive: true, force: true });
  await mkdir(unfinished, { mode: 0o700 });
  await writeFile(passwordFile, `${superuserPassword}\n`, { mode: 0o600 });
  try {
    if (runAs.owner) for (const file of [unfinished, passwordFile]) await chown(file, runAs.owner.uid, runAs.owner.gid);
    const args = [
      '-D',
      unfinished,
      `--username=${SUPERUSER}`,
      `--pwfile=${passwordFile}`,
      '--auth=scram-sha-256',
      '--encoding=UTF8',
      '--locale=C',
    ];
    await run(initdb, durable ? args : [...args, '--no-sync'], runAs);
    await rename(unfinished, data);
  } finally {
    await rm(passwordFile, { force: true });
    await rm(unfinished, { recursive: true, force: true });
  }
}

async function run(program: string, programArgs: string[], runAs: RunAs): Promise<void> {
  const { command, args } = runAs.wrap(program, programArgs);
  const child = spawn(command, args, {
    cwd: '/',
    env: cleanEnvironment({}),
    stdio: ['ignore', 'pipe', 'pipe'],
    ...runAs.user,
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const code = await new Promise<number | string>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('close', (exitCode, signal) => resolve(exitCode ?? signal ?? 'unknown'));
  });
  if (code === 0) return;
  const lines = output
    .trim()
    .split('\n')
    .slice(-10)
    .map((line) => `  ${line}`);
  throw new LocalInfraError(
    'start-failed',
    [`Postgres could not create its data folder (initdb: ${code}):`, ...lines].join('\n'),
  );
}

/**
 * Removes the lock file of a killed server if its pid now belongs to another program, which Postgres would take
 * for a running server. Postgres handles all other lock files itself.
 */
export async function removeForeignLock(data: string): Promise<void> {
  const lock = path.join(data, 'postmaster.pid');
  if (!existsSync(lock)) return;
  const pid = Number((await readFile(lock, 'utf8')).split('\n')[0]);
  if (!Number.isInteger(pid) || describeProcess(pid) === undefined) return;
  const workingFolder = await readlink(`/proc/${pid}/cwd`).catch(() => undefined);
  // A server's working folder is its data folder. If the working folder cannot be read, the lock stays.
  if (workingFolder !== undefined && path.resolve(workingFolder) !== path.resolve(data)) await rm(lock);
}

/**
 * Whether the server has written that it takes connections, as `pg_ctl` asks: it logs an error for each connection before. True too
 * where its file cannot be read.
 */
export async function isReadyByItsFile(data: string): Promise<boolean> {
  try {
    const lines = (await readFile(path.join(data, 'postmaster.pid'), 'utf8')).split('\n');
    return lines[STATUS_LINE]?.trim() === 'ready';
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ENOENT';
  }
}
