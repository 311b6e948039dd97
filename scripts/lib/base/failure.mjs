// @ts-check
import { readFileSync } from 'node:fs';

/** An expected failure: what went wrong in one sentence, where its log is and what the person can do about it. */
export class Failure extends Error {
  /**
   * @param {string} message
   * @param {{ logFile?: string, wayOut?: string, cause?: unknown }} [details]
   */
  constructor(message, { logFile, wayOut, cause } = {}) {
    super(message, { cause });
    this.name = 'Failure';
    this.logFile = logFile;
    this.wayOut = wayOut;
  }
}

/**
 * What a person reads about an error: the sentence, the end of its log, the log's path and the way out.
 * An unexpected error keeps its stack, since nothing else describes it.
 * @param {unknown} error
 * @returns {string}
 */
export function describeFailure(error) {
  if (!(error instanceof Failure))
    return `✗ ${isAboutTheSystem(error) ? error.message : error instanceof Error ? error.stack : String(error)}`;
  const lines = [`✗ ${error.message}`];
  if (error.cause instanceof Error) lines.push(`  ${error.cause.message}`);
  if (error.logFile) {
    lines.push(...lastLines(error.logFile, 20).map((line) => `  │ ${line}`), `  The whole log: ${error.logFile}`);
  }
  if (error.wayOut) lines.push(`  ${error.wayOut}`);
  return lines.join('\n');
}

/**
 * A full disk or a folder that may not be written: the message names the file and says it all.
 * @param {unknown} error
 * @returns {error is Error}
 */
function isAboutTheSystem(error) {
  return error instanceof Error && 'syscall' in error && 'path' in error;
}

/**
 * @param {string} file
 * @param {number} count
 * @returns {string[]} the last lines of a file; none when it cannot be read
 */
export function lastLines(file, count) {
  try {
    return readFileSync(file, 'utf8').trimEnd().split('\n').slice(-count);
  } catch {
    return [];
  }
}
