import { statfsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { freemem, tmpdir } from 'node:os';
import path from 'node:path';
import { describeProcess, findRunningServer, stopProcess, type ProcessIdentity } from '@signalbox/local-infra';

const FOLDER_PREFIX = 'signalbox-test-';

/** Where each server may run inside the folder of a test run. */
export const SERVERS = [
  'rabbitmq',
  'postgres',
  ...['node-0', 'node-1', 'node-2', 'epmd'].map((name) => `cluster/${name}`),
];

const ownerFile = (folder: string): string => path.join(folder, 'owner.json');

/** Linux keeps files here in memory. */
const MEMORY_FOLDER = '/dev/shm';
const ENOUGH_BYTES = 8 * 1024 ** 3;

/**
 * Makes a folder for servers and their data: in memory where there is enough, since the data is useless after the run. Records
 * that it is this process's, so that a later run knows when its owner has ended.
 */
export async function makeServerFolder(): Promise<string> {
  const folder = await mkdtemp(path.join(hasEnoughMemory() ? MEMORY_FOLDER : tmpdir(), FOLDER_PREFIX));
  await writeFile(ownerFile(folder), JSON.stringify(describeProcess(process.pid)));
  return folder;
}

function hasEnoughMemory(): boolean {
  try {
    const { bavail, bsize } = statfsSync(MEMORY_FOLDER);
    return Math.min(bavail * bsize, freemem()) > ENOUGH_BYTES;
  } catch {
    return false; // there is no such folder
  }
}

/** Ends the servers of test runs that were killed and removes their folders. What another user owns stays. */
export async function removeAbandonedFolders(): Promise<void> {
  const parents = [tmpdir(), MEMORY_FOLDER];
  const names = await Promise.all(parents.map((parent) => readdir(parent).catch(() => [])));
  const folders = parents.flatMap((parent, index) => names[index]!.map((name) => path.join(parent, name)));
  for (const folder of folders) {
    if (!path.basename(folder).startsWith(FOLDER_PREFIX) || !(await isAbandoned(folder))) continue;
    for (const server of SERVERS) {
      const running = findRunningServer(path.join(folder, server));
      if (running) await stopProcess(running, { signal: 'SIGKILL' });
    }
    await rm(folder, { recursive: true, force: true }).catch(() => {});
  }
}

async function isAbandoned(folder: string): Promise<boolean> {
  try {
    const owner = JSON.parse(await readFile(ownerFile(folder), 'utf8')) as ProcessIdentity;
    return describeProcess(owner.pid)?.startedAt !== owner.startedAt;
  } catch {
    return false; // not ours to read, or only just being made
  }
}
