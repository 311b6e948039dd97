import { statfs } from 'node:fs/promises';
import { LocalInfraError } from '../local-infra.error.js';

const MIB = 1024 * 1024;

/** Throws `disk-full` if less than `neededMib` MiB are free on the disk of the folder. */
export async function requireDiskSpace(label: string, folder: string, neededMib: number): Promise<void> {
  const { bavail, bsize } = await statfs(folder);
  const freeMib = Math.floor((bavail * bsize) / MIB);
  if (freeMib >= neededMib) return;
  throw new LocalInfraError(
    'disk-full',
    `Only ${freeMib} MiB are free on the disk of ${folder}, and ${label} needs ${neededMib} MiB to work. ` +
      'Free some space, or set SIGNALBOX_HOME to a folder on another disk.',
  );
}
