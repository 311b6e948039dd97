import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describeProcess, findRunningServer, stopProcess, type ProcessIdentity } from '@signalbox/local-infra';

export const FOLDER_PREFIX = 'signalbox-test-';

/** The folder of each server inside the folder of a test run. */
export const SERVERS = ['rabbitmq', 'postgres'] as const;

const ownerFile = (folder: string): string => path.join(folder, 'owner.json');

/** Records that the folder is this process's, so that a later run knows when its owner has ended. */
export async function claimFolder(folder: string): Promise<void> {
  await writeFile(ownerFile(folder), JSON.stringify(describeProcess(process.pid)));
}

/** Ends the servers of test runs that were killed and removes their folders. What another user owns stays. */
export async function removeAbandonedFolders(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    const folder = path.join(tmpdir(), name);
    if (!name.startsWith(FOLDER_PREFIX) || !(await isAbandoned(folder))) continue;
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
