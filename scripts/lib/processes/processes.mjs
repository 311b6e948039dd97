// @ts-check
import { execFileSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * A process distinguished from any later one with the same number: `startedAt` is an opaque mark of the boot and of the
 * moment in it at which the process began.
 * @typedef {{ pid: number, startedAt: string }} ProcessIdentity
 */

/**
 * @param {number} pid
 * @returns {ProcessIdentity | undefined} undefined when no such process runs (one that is only waiting to be reaped does not)
 */
export function identify(pid) {
  const startedAt = process.platform === 'linux' ? startOnLinux(pid) : startByPs(pid);
  return startedAt === undefined ? undefined : { pid, startedAt };
}

/** @param {ProcessIdentity} identity @returns {boolean} */
export function isRunning(identity) {
  return identify(identity.pid)?.startedAt === identity.startedAt;
}

/** @param {number} pid @returns {string} its command line, empty when unknown */
export function commandLine(pid) {
  try {
    if (process.platform === 'linux') return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
    return execFileSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' }).trim();
  } catch {
    return '';
  }
}

/**
 * Asks a process to end, waits, and ends it with its whole process group (when it leads one) if it does not.
 * @param {ProcessIdentity} identity
 * @param {{ graceMs: number, signal?: NodeJS.Signals }} options
 */
export async function stopProcess(identity, { graceMs, signal = 'SIGTERM' }) {
  if (!isRunning(identity)) return;
  sendSignal(identity.pid, signal);
  if (await hasEnded(identity, graceMs)) return;
  killGroup(identity.pid);
  sendSignal(identity.pid, 'SIGKILL');
  await hasEnded(identity, 5_000);
}

/** @param {ProcessIdentity} identity @param {number} withinMs */
export async function hasEnded(identity, withinMs) {
  const deadline = performance.now() + withinMs;
  while (isRunning(identity)) {
    if (performance.now() > deadline) return false;
    await sleep(50);
  }
  return true;
}

/** @param {number} leader the process that leads the group */
export function killGroup(leader) {
  sendSignal(-leader, 'SIGKILL');
}

/**
 * A process that is already gone, or that is not ours to signal (what sudo runs), is no error: its end is waited for anyway.
 * @param {number} pid
 * @param {NodeJS.Signals} signal
 */
export function sendSignal(pid, signal) {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (!['ESRCH', 'EPERM'].includes(/** @type {NodeJS.ErrnoException} */ (error).code ?? '')) throw error;
  }
}

/**
 * Every process that was started, directly or through others, with this variable in its environment, or with a longer
 * value that continues it after a slash. Linux only: elsewhere the environment of another process cannot be read, and the
 * recorded pids are what there is.
 * @param {string} name
 * @param {string} value
 * @returns {number[]}
 */
export function processesWithVariable(name, value) {
  if (process.platform !== 'linux') return [];
  const wanted = `${name}=${value}`;
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .map(Number)
    .filter(
      (pid) =>
        pid !== process.pid && environmentOf(pid).some((line) => line === wanted || line.startsWith(`${wanted}/`)),
    )
    .filter((pid) => identify(pid) !== undefined);
}

/** @param {number} pid @returns {string[]} `NAME=value` lines, none when it may not be read */
function environmentOf(pid) {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
  } catch {
    return [];
  }
}

/** @param {number} pid */
function startOnLinux(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The command name (field 2) may hold spaces and brackets; what follows its last bracket is regular: state is field 3,
    // the start time in clock ticks since boot field 22.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (fields[0] === 'Z' || fields[0] === 'X') return undefined;
    return `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()}:${fields[19]}`;
  } catch {
    return undefined;
  }
}

/** @param {number} pid */
function startByPs(pid) {
  try {
    const line = execFileSync('ps', ['-o', 'stat=,lstart=', '-p', String(pid)], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const [state, ...start] = line.trim().split(/\s+/);
    return !state || state.startsWith('Z') ? undefined : start.join(' ');
  } catch {
    return undefined;
  }
}
