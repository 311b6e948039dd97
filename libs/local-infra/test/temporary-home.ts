import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** A folder with mode 0700 that is removed again. Its path contains a space, as paths of users may. */
export async function temporaryHome(): Promise<{ folder: string; remove(): Promise<void> }> {
  const folder = await mkdtemp(path.join(tmpdir(), 'local infra-'));
  return { folder, remove: () => rm(folder, { recursive: true, force: true }) };
}

/** Pids of the processes that were started with this folder in their arguments or environment, on Linux. */
export async function processesOf(folder: string): Promise<number[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid);
  const texts = await Promise.all(pids.map(async (pid) => [Number(pid), await startedWith(pid)] as const));
  return texts.filter(([, text]) => text.includes(folder)).map(([pid]) => pid);
}

async function startedWith(pid: string): Promise<string> {
  const parts = ['cmdline', 'environ'].map((part) => readFile(`/proc/${pid}/${part}`, 'utf8').catch(() => ''));
  return (await Promise.all(parts)).join('\0');
}
