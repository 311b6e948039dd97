import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { home } from './home.mjs';

/**
 * Writes `run/reader-<id>.pid` into the home, if there is a home, and removes it when this process exits.
 * @param {string} id
 * @throws {Error} when that reader already runs
 */
export function claimPidFile(id) {
  if (!existsSync(home)) return;
  const file = join(home, 'run', `reader-${id.replaceAll(/[/:]/g, '_')}.pid`);
  mkdirSync(join(home, 'run'), { recursive: true });
  if (!created(file)) {
    const pid = pidIn(file);
    if (isReader(pid)) throw new Error(`The reader ${id} already runs (pid ${pid}, ${file}).`);
    rmSync(file, { force: true });
    if (!created(file)) throw new Error(`The reader ${id} is being started by another process.`);
  }
  process.on('exit', () => {
    if (pidIn(file) === process.pid) rmSync(file, { force: true });
  });
}

/** Writes our pid; false when there is a file already. */
function created(file) {
  try {
    writeFileSync(file, `${process.pid}\n`, { flag: 'wx' });
    return true;
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw error;
  }
}

function pidIn(file) {
  return existsSync(file) ? Number.parseInt(readFileSync(file, 'utf8'), 10) : undefined;
}

/** Whether the process is a sample reader. After a kill -9 the pid may belong to another program. */
function isReader(pid) {
  return Boolean(pid) && pid !== process.pid && commandOf(pid).includes('reader.mjs');
}

function commandOf(pid) {
  if (!existsSync('/proc/self/cmdline')) {
    return spawnSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' }).stdout ?? '';
  }
  const file = `/proc/${pid}/cmdline`;
  return existsSync(file) ? readFileSync(file, 'utf8') : '';
}
