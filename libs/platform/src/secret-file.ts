import { readFileSync } from 'node:fs';
import type { z } from 'zod';
import { describeError } from './describe-error.js';

/** How long a value that was read is used before its file is read again, ms. */
const FRESH_MS = 1_000;

/** What a file holds. One line break at its end is not part of it. @throws the error of the file system */
export const readSecretFile = (file: string): string => readFileSync(file, 'utf8').replace(/\r?\n$/, '');

export interface SecretFileOptions<Value> {
  /** The variable that names the file. */
  readonly variable: string;
  readonly file: string;
  readonly schema: z.ZodType<Value>;
  /** What was read of it already. */
  readonly value: Value;
  readonly text: string;
}

/**
 * A secret that is replaced while the process runs. The file is read when the value is asked for, not watched: a mounted secret is replaced in ways
 * that no watch sees. What cannot be used changes nothing: the value before stays, and a process warning says so, once.
 */
export class SecretFile<Value> {
  private value: Value;
  private text: string;
  private readAt = performance.now();
  private problem: string | undefined;

  constructor(private readonly options: SecretFileOptions<Value>) {
    ({ value: this.value, text: this.text } = options);
  }

  /** The same object until the file has another content. */
  get current(): Value {
    if (performance.now() - this.readAt < FRESH_MS) return this.value;
    try {
      this.take(readSecretFile(this.options.file));
      this.problem = undefined;
    } catch (error) {
      this.warn(describeError(error));
    }
    this.readAt = performance.now();
    return this.value;
  }

  private take(text: string): void {
    if (text === this.text) return;
    const { success, data } = this.options.schema.safeParse(text);
    // What zod says of it might quote it.
    if (!success || text === '') throw new Error('what it holds is not valid');
    this.value = data;
    this.text = text;
  }

  private warn(problem: string): void {
    if (problem !== this.problem)
      process.emitWarning(`${this.options.variable}: ${problem}; the value before stays in use`, 'SecretFileWarning');
    this.problem = problem;
  }
}
