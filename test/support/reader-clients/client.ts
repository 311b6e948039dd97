import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { eventually, python } from '@signalbox/testing';
import { checkout } from '../script-run.js';

export type Language = 'TypeScript' | 'Python';
export const LANGUAGES: readonly Language[] = ['TypeScript', 'Python'];

/** A command of each language, and the environment in which it finds the package. */
export function commandOf(language: Language, what: { mjs: string; py: readonly string[] }) {
  const env = { PATH: process.env['PATH'], HOME: process.env['HOME'], PYTHONDONTWRITEBYTECODE: '1' };
  return language === 'TypeScript'
    ? { command: [process.execPath, join(checkout, what.mjs)] as const, env }
    : {
        command: [python(), ...what.py] as const,
        env: { ...env, PYTHONPATH: join(checkout, 'clients/python'), PYTHONUNBUFFERED: '1' },
      };
}

export type ClientEvent = { readonly event: string } & Readonly<Record<string, unknown>>;

/** One process with reader clients of a language, which takes steps and prints events. */
export class ReaderClient {
  readonly child: ChildProcess;
  readonly events: ClientEvent[] = [];
  /** All that it printed. */
  output = '';
  readonly ended: Promise<[number | null, NodeJS.Signals | null]>;

  constructor(language: Language) {
    const folder = 'test/support/reader-clients';
    const { command, env } = commandOf(language, {
      mjs: `${folder}/driver.mjs`,
      py: [join(checkout, folder, 'driver.py')],
    });
    const [file, ...args] = command;
    this.child = spawn(file, args, { env, stdio: ['pipe', 'pipe', 'pipe'] });
    this.child.stderr!.on('data', (chunk: Buffer) => (this.output += chunk.toString()));
    createInterface({ input: this.child.stdout! }).on('line', (line) => {
      this.output += `${line}\n`;
      this.events.push(JSON.parse(line) as ClientEvent);
    });
    this.ended = once(this.child, 'close') as Promise<[number | null, NodeJS.Signals | null]>;
  }

  take(step: string, more: object = {}): void {
    this.child.stdin!.write(`${JSON.stringify({ step, ...more })}\n`);
  }

  /** The event that is the next one of its kind after `from`. */
  async event(kind: string, from = 0): Promise<ClientEvent> {
    try {
      return await eventually(() => this.events.slice(from).find(({ event }) => event === kind));
    } catch (error) {
      throw new Error(`no event ${kind}: ${this.output}`, { cause: error });
    }
  }

  count(kind: string): number {
    return this.events.filter(({ event }) => event === kind).length;
  }

  async kill(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    this.child.kill('SIGKILL');
    await this.ended;
  }
}
