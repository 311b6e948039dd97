import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { eventually } from '@signalbox/testing';

/** The root of the checkout that contains these tests. */
export const checkout = resolve(dirname(fileURLToPath(import.meta.url)), '../..');

const deadlineMs = 30_000;

/** One run of a script of this repository, with its output so far. */
export class ScriptRun {
  output = '';
  readonly child: ChildProcess;
  readonly ended: Promise<number | null>;

  constructor(command: string[], options: { cwd: string; env: NodeJS.ProcessEnv }) {
    const [file = '', ...args] = command;
    this.child = spawn(file, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream?.on('data', (chunk: Buffer) => {
        this.output += chunk.toString();
      });
    }
    this.ended = new Promise((resolve) => {
      this.child.once('close', resolve);
    });
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  /** Waits until the script has printed the text. Fails with all it printed if it ends or takes too long. */
  async prints(text: string, withinMs = deadlineMs): Promise<void> {
    const over = { value: false };
    void this.ended.then(() => {
      over.value = true;
    });
    await until(`"${text}" in:\n${this.output}`, () => this.output.includes(text) || over.value, withinMs);
    if (!this.output.includes(text)) throw new Error(`ended without "${text}":\n${this.output}`);
  }

  /** Sends the signal and waits for the exit. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> {
    this.child.kill(signal);
    return this.ended;
  }
}

/** Waits for a condition, which `what` names in the error. */
export async function until(
  what: string,
  condition: () => boolean | Promise<boolean>,
  withinMs = deadlineMs,
): Promise<void> {
  try {
    await eventually(condition, { timeoutMs: withinMs });
  } catch (error) {
    throw new Error(`still waiting after ${withinMs} ms for ${what}`, { cause: error });
  }
}

/** Processes whose environment or command line names the folder, zombies left out, as `pid command`. */
export function processesNaming(folder: string): string[] {
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry) && Number(entry) !== process.pid)
    .flatMap((pid) => {
      const command = contentOf(`/proc/${pid}/cmdline`);
      const named = command.includes(folder) || contentOf(`/proc/${pid}/environ`).includes(folder);
      return named && command !== '' ? [`${pid} ${command}`] : [];
    });
}

function contentOf(file: string): string {
  try {
    return readFileSync(file, 'utf8').replaceAll('\0', ' ');
  } catch {
    return '';
  }
}
