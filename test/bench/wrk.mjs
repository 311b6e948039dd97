// @ts-check
import { execFile, spawnSync } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { promisify } from 'node:util';
import { cpuSecondsOf } from '../support/processes.mjs';

// The load comes from wrk: a client in Node.js is slower than the server, and would measure itself.

const CONNECTIONS = 64;

const [SERVER_CPU, CLIENT_CPU] = ['0', '1'];

/** Whether servers and client can have a core each. */
const canPin = availableParallelism() > 1 && spawnSync('taskset', ['--version']).status === 0;

/** Gives the process, with all its threads, the core that all measured servers share; wrk has another one. @param {number} pid */
export const pinServer = (pid) => pin(pid, SERVER_CPU);

/** @param {number} pid */
export const pinClient = (pid) => pin(pid, CLIENT_CPU);

/**
 * Gives the process a core before all else on this machine, where that is permitted: what others do here is not measured. Where it is pinned as well,
 * its main thread waits for its own others: only CPU time counts then.
 * @param {number} pid
 */
export const prefer = (pid) => void spawnSync('chrt', ['--all-tasks', '--rr', '--pid', '1', String(pid)]);

/** @param {number} pid @param {string} cpu */
function pin(pid, cpu) {
  if (canPin) spawnSync('taskset', ['--all-tasks', '--cpu-list', '--pid', cpu, String(pid)]);
}

/**
 * Sends GET requests over 64 connections from one thread.
 * @param {{ port: number, path: string, headers: Record<string, string>, pid: number, seconds: number }} options `pid`: of the server
 * @returns {Promise<{ requests: number, seconds: number, cpuSeconds: number }>} `cpuSeconds`: user and system time of the server
 */
export async function wrk({ port, path, headers, pid, seconds }) {
  const given = Object.entries(headers).flatMap(([name, value]) => ['-H', `${name}: ${value}`]);
  const args = [
    '-t1',
    `-c${CONNECTIONS}`,
    `-d${seconds}s`,
    '--timeout',
    '10s',
    ...given,
    `http://127.0.0.1:${port}${path}`,
  ];
  const before = cpuSecondsOf(pid);
  const output = await run(canPin ? ['taskset', '-c', CLIENT_CPU, 'wrk', ...args] : ['wrk', ...args]);
  const cpuSeconds = cpuSecondsOf(pid) - before;
  const failed = /Non-2xx or 3xx responses: \d+|Socket errors: .*/.exec(output);
  if (failed !== null) throw new Error(`${path}: ${failed[0]}`);
  const [, requests, taken] = /(\d+) requests in ([\d.]+)s/.exec(output) ?? [];
  return { requests: Number(requests), seconds: Number(taken), cpuSeconds };
}

/** Fails at once where the benchmark cannot run. */
export function demandWrk() {
  if (process.platform !== 'linux')
    throw new Error('The CPU time of a server is read from /proc: run this benchmark on Linux.');
  if (spawnSync('wrk', ['-v']).error !== undefined)
    throw new Error('This benchmark needs wrk. Install it: apt-get install wrk');
}

/** @param {string[]} command */
async function run([file = '', ...args]) {
  return (await promisify(execFile)(file, args)).stdout;
}
