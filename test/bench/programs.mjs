// @ts-check
import { fork } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { setPriority } from 'node:os';
import { fileURLToPath } from 'node:url';
import { cpuSecondsOf } from '../support/processes.mjs';
import { prefer } from './wrk.mjs';

/** For Node.js, so that a process answers `watchMessage`. */
export const watchedBy = ['--import', new URL('watched.mjs', import.meta.url).href];

/** A program of the benchmark in a process of its own. One that is not preferred stands for another machine, and takes no time from the server and its prober. */
export class Program {
  /** @type {Promise<unknown>} what it sends at its end */
  result;
  cpuSeconds = 0;
  #file;
  #seconds;

  /** @param {string} file @param {{ seconds: number, [name: string]: unknown }} options @param {{ isPreferred?: boolean }} [how] */
  constructor(file, options, { isPreferred = false } = {}) {
    this.#file = file;
    this.#seconds = options.seconds;
    const child = fork(fileURLToPath(new URL(file, import.meta.url)));
    const pid = child.pid ?? 0;
    if (isPreferred) prefer(pid);
    else setPriority(pid, 19);
    child.send(options);
    this.result = new Promise((resolve, reject) => {
      child.once('message', (result) => {
        this.cpuSeconds = cpuSecondsOf(pid);
        resolve(result);
      });
      child.once('exit', (code) => reject(new Error(`${file} exited with ${code}`)));
    });
  }

  async summary() {
    const counted = JSON.stringify(await this.result);
    return `${this.#file}: CPU ${Math.round((this.cpuSeconds / this.#seconds) * 100)} %, ${counted}`;
  }

  /** What all threads ran, in seconds. @param {number} pid */
  static ran(pid) {
    const threads = readdirSync(`/proc/${pid}/task`);
    return threads.reduce((sum, thread) => sum + timesOf(`/proc/${pid}/task/${thread}/schedstat`).ran, 0);
  }

  /** Of the main thread, in seconds: how long it ran, and how long it was ready and had no core. @param {number} pid */
  static threadTimes(pid) {
    return timesOf(`/proc/${pid}/task/${pid}/schedstat`);
  }
}

/** @param {string} file */
function timesOf(file) {
  const [ran = 0, waited = 0] = readFileSync(file, 'utf8').split(' ').map(Number);
  return { ran: ran / 1e9, waited: waited / 1e9 };
}

/**
 * @param {import('node:child_process').ChildProcess} child
 * @param {import('./watched.mjs').Order} order
 * @returns {Promise<import('./watched.mjs').LoopDelay>}
 */
export const watchMessage = (child, order) => ask(child, order);

/** @param {import('node:child_process').ChildProcess} child that runs with `--expose-gc` @returns {Promise<import('./watched.mjs').Memory>} */
export const memoryMessage = (child) => ask(child, { watch: 'memory' });

/** @param {import('node:child_process').ChildProcess} child @param {import('./watched.mjs').Order} order @returns {Promise<any>} */
function ask(child, order) {
  return new Promise((resolve) => {
    child.once('message', resolve);
    child.send(order);
  });
}
