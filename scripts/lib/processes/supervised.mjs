// @ts-check
import { setTimeout as sleep } from 'node:timers/promises';

const firstDelayMs = 500;
const longestDelayMs = 15_000;
/** A process that ran this long has recovered: its next death starts from the shortest delay again. */
const recoveredAfterMs = 30_000;

/**
 * A process that was started. `ready` rejects when it ends (or a deadline passes) before it is of use; `exited` always resolves.
 * @template Info
 * @typedef {{ pid: number, ready: Promise<Info>, exited: Promise<Exit>, stop(): Promise<void>, kill(): void }} Running
 */
/** @typedef {{ code: number | null, signal: NodeJS.Signals | null }} Exit */

/**
 * Keeps one process running: starts it, records its pid, starts it again when it dies, with a growing delay.
 * @template Info
 */
export class Supervised {
  #stopping = new AbortController();
  /** @type {Running<Info> | undefined} */
  #running;
  /** @type {Promise<Running<Info>> | undefined} */
  #launching;
  /** @type {Promise<void> | undefined} */
  #keeping;

  /**
   * @param {{
   *   name: string, logFile: string, run: import('./run-folder.mjs').RunFolder, say: (text: string) => void,
   *   launch: (attempt: { first: boolean }) => Promise<Running<Info>>, onDeath?: (exit: Exit) => void,
   * }} options `onDeath`: called instead of starting it again
   */
  constructor({ name, logFile, run, say, launch, onDeath }) {
    this.name = name;
    this.logFile = logFile;
    this.run = run;
    this.say = say;
    this.launch = launch;
    this.onDeath = onDeath;
  }

  /** @returns {Promise<Info>} when it is ready for the first time; rejects when it does not come up */
  async start() {
    this.#stopping.signal.throwIfAborted();
    const running = await this.#begin({ first: true });
    const info = await running.ready;
    this.#keeping = this.#keep();
    return info;
  }

  /** Of the process that was started last; undefined before the first. */
  get pid() {
    return this.#running?.pid;
  }

  /** Ends it for good. */
  async stop() {
    this.#stopping.abort();
    await this.#launching?.catch(() => {});
    await this.#running?.stop();
    await this.#keeping;
    if (this.#running) this.run.forget(this.name, this.#running.pid);
  }

  kill() {
    this.#stopping.abort();
    this.#running?.kill();
  }

  /** @param {{ first: boolean }} attempt */
  async #begin(attempt) {
    this.#launching = this.launch(attempt);
    const running = await this.#launching;
    this.#running = running;
    this.run.record(this.name, running.pid);
    return running;
  }

  async #keep() {
    let delay = firstDelayMs;
    let startedAt = performance.now();
    while (this.#running) {
      const { exited, pid } = this.#running;
      const exit = await exited;
      this.run.forget(this.name, pid);
      if (this.#stopping.signal.aborted) return;
      if (this.onDeath) return this.onDeath(exit);
      if (performance.now() - startedAt > recoveredAfterMs) delay = firstDelayMs;
      startedAt = await this.#beginAgain(exit, delay);
      if (this.#stopping.signal.aborted) return;
      delay = Math.min(delay * 2, longestDelayMs);
    }
  }

  /**
   * @param {Exit} exit
   * @param {number} firstDelay
   * @returns {Promise<number>} when it was started again, by `performance.now()`
   */
  async #beginAgain(exit, firstDelay) {
    // Exit code 0: it was asked to end, as an agent is for the restart of its dataplane.
    let text = exit.code === 0 ? `↻ ${this.name} ended as requested` : `! ${this.name} ended (${describeExit(exit)})`;
    for (let delay = firstDelay; ; delay = Math.min(delay * 2, longestDelayMs)) {
      const log = exit.code === 0 ? '' : `. Its log: ${this.logFile}`;
      this.say(`${text}; starting it again in ${delay / 1_000} s${log}`);
      try {
        await sleep(delay, undefined, { signal: this.#stopping.signal });
        const startedAt = performance.now();
        const running = await this.#begin({ first: false });
        running.ready.then(
          () => this.say(`✓ ${this.name} is up again (pid ${running.pid})`),
          () => {},
        );
        return startedAt;
      } catch (error) {
        if (this.#stopping.signal.aborted) return 0;
        text = `! ${this.name} did not start (${error instanceof Error ? error.message : String(error)})`;
      }
    }
  }
}

/** @param {Exit} exit */
export function describeExit({ code, signal }) {
  return signal ? `by ${signal}` : `exit code ${code}`;
}
