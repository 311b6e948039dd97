// @ts-check
import { fork } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { fileURLToPath } from 'node:url';

const checkout = fileURLToPath(new URL('../../..', import.meta.url));

/** @typedef {{ managementPort?: number, port?: number }} Ready */

/** A process that is started again whenever it exits, as under a supervisor. */
export class Child {
  /** @type {Ready | undefined} the message by which it reported that it is ready; undefined while it is not */
  ready;
  starts = 0;
  /** The end of its output. */
  #outputTail = '';
  #wanted = true;
  #killed = false;
  /** @type {import('node:child_process').ChildProcess | undefined} */
  #process;

  /**
   * @param {object} options
   * @param {string} options.name
   * @param {string} options.script from the root of the checkout
   * @param {Record<string, string>} options.env
   * @param {string} options.logFile
   * @param {(detail: string) => void} options.onUnexpected it exited by itself
   * @param {(message: any) => void} [options.onMessage] any message except that it is ready
   */
  constructor({ name, script, env, logFile, onUnexpected, onMessage }) {
    this.name = name;
    this.script = script;
    this.env = env;
    this.onUnexpected = onUnexpected;
    this.onMessage = onMessage;
    this.log = createWriteStream(logFile, { flags: 'a' });
  }

  get pid() {
    return this.#process?.pid ?? 0;
  }

  start() {
    this.starts += 1;
    this.#killed = false;
    const child = fork(this.script, {
      cwd: checkout,
      env: { PATH: process.env['PATH'] ?? '', ...this.env },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    this.#process = child;
    child.stdout?.pipe(this.log, { end: false });
    child.stderr?.pipe(this.log, { end: false });
    for (const stream of [child.stdout, child.stderr])
      stream?.on('data', (chunk) => (this.#outputTail = `${this.#outputTail}${chunk}`.slice(-1_500)));
    child.on('message', (/** @type {any} */ message) => {
      if (message.type === 'ready') this.ready = message;
      else this.onMessage?.(message);
    });
    child.on('close', (code, signal) => this.#ended(code, signal));
    return this;
  }

  /** SIGKILL; it is started again at once. */
  kill() {
    this.#killed = true;
    this.ready = undefined;
    this.#process?.kill('SIGKILL');
  }

  /** SIGSTOP. It counts as ready: others must find out by themselves. */
  pause() {
    this.#process?.kill('SIGSTOP');
  }

  resume() {
    this.#process?.kill('SIGCONT');
  }

  /** @param {object} message */
  send(message) {
    if (this.#process?.connected) this.#process.send(message, () => undefined);
  }

  /** Sends SIGTERM. Resolves with the exit status, or null if the process did not exit in time and was killed. */
  async stop(withinMs = 30_000) {
    this.#wanted = false;
    const child = this.#process;
    if (!child || child.exitCode !== null) return child?.exitCode ?? 0;
    const ended = new Promise((resolve) => child.once('close', resolve));
    child.kill('SIGTERM');
    const timer = setTimeout(() => child.kill('SIGKILL'), withinMs);
    const code = /** @type {number | null} */ (await ended);
    clearTimeout(timer);
    return code;
  }

  /** @param {number | null} code @param {string | null} signal */
  #ended(code, signal) {
    this.ready = undefined;
    if (!this.#wanted) return;
    if (!this.#killed)
      this.onUnexpected(`${this.name} exited by itself: ${signal ?? code}; the end of its output: ${this.#outputTail}`);
    this.start();
  }
}
